// The routes under /v1, one file a noun.
import type { App } from "../app.ts";
import type { HttpParts, HttpSettings } from "../parts.ts";
import { consentRoutes } from "./consents.ts";
import { credentialRoutes } from "./credentials.ts";
import { eventRoutes } from "./events.ts";
import { explainRoutes } from "./explain.ts";
import { heldRoutes } from "./held.ts";
import { keyRoutes } from "./keys.ts";
import { queueRoutes } from "./queue.ts";
import { streamRoutes } from "./streams.ts";
import { suppressionRoutes } from "./suppressions.ts";
import { tokenRoutes } from "./tokens.ts";

export function adminRoutes(app: App, parts: HttpParts, settings: HttpSettings): void {
  suppressionRoutes(app, parts);
  consentRoutes(app, parts);
  keyRoutes(app, parts, settings);
  eventRoutes(app, parts);
  heldRoutes(app, parts);
  queueRoutes(app, parts);
  credentialRoutes(app, parts);
  streamRoutes(app, parts);
  tokenRoutes(app, parts);
  // In a scope of its own: it takes a message as body, and nothing else.
  void app.register((scoped, _options, done) => {
    explainRoutes(scoped, parts, settings);
    done();
  });
}
