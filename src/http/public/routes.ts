// The routes that need no token. A new public page is one file here and one line below.
import type { App } from "../app.ts";
import type { HttpParts } from "../parts.ts";
import { confirmRoutes } from "./confirm.ts";
import { healthRoutes } from "./health.ts";
import { reasonRoutes } from "./reason.ts";
import { unsubscribeRoutes } from "./unsubscribe.ts";

/** `parts` is for pages that act: what they change is their own affair, and needs no cookie or session. */
export function publicRoutes(app: App, parts: HttpParts): void {
  healthRoutes(app, parts);
  reasonRoutes(app);
  if (parts.doubleOptIn !== undefined) confirmRoutes(app, parts.doubleOptIn);
  if (parts.optOut !== undefined) unsubscribeRoutes(app, parts.optOut, parts.clock);
}
