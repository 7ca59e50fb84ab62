// Headers that every answer carries: nothing is sniffed, framed, cached or referred to, and no script runs.
import type { App } from "./app.ts";

const yearSeconds = 365 * 24 * 60 * 60;

export interface SecureHeaderOptions {
  readonly https: boolean;
}

/** No CORS header anywhere: a browser on another origin can read nothing (threats.md row 72). */
export function secureHeaders({ https }: SecureHeaderOptions): Readonly<Record<string, string>> {
  return {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    ...(https ? { "strict-transport-security": `max-age=${yearSeconds}` } : {}),
  };
}

export function addSecureHeaders(app: App, options: SecureHeaderOptions): void {
  const headers = secureHeaders(options);
  app.addHook("onRequest", (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}
