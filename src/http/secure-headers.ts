// Headers that every answer carries: nothing is sniffed, framed, cached or referred to, and no script runs.
import type { App } from "./app.ts";

const yearSeconds = 365 * 24 * 60 * 60;

/** No CORS header anywhere: a browser on another origin can read nothing (threats.md row 72). */
export function addSecureHeaders(app: App, options: { readonly https: boolean }): void {
  app.addHook("onRequest", (_request, reply, done) => {
    void reply.headers({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": "no-store",
      ...(options.https ? { "strict-transport-security": `max-age=${yearSeconds}` } : {}),
    });
    done();
  });
}
