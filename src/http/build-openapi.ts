// The OpenAPI document without a gateway: for the generated reference in docs/.
import type { HttpParts, HttpSettings } from "./parts.ts";
import { createApp } from "./server.ts";

const settings: HttpSettings = {
  host: "127.0.0.1",
  port: 0,
  trustedProxies: [],
  maxMessageBytes: 26_214_400,
  requirePublished: true,
};

/** Throws where a schema of a route is none. */
export async function buildOpenApi(): Promise<object> {
  const app = await createApp(settings, describedOnly(), "at once");
  try {
    return app.swagger();
  } finally {
    await app.close();
  }
}

/** Parts that nobody may use: routes are described, not called. */
function describedOnly(): HttpParts {
  const silent = (): void => undefined;
  const log = {
    level: "silent",
    fatal: silent,
    error: silent,
    warn: silent,
    info: silent,
    debug: silent,
    trace: silent,
    silent,
    child: () => log,
  };
  const never = (): Promise<never> => Promise.reject(new Error("routes are described, not called"));
  const known: Partial<HttpParts> = {
    log,
    clock: () => new Date(),
    // Their pages are there only where they are.
    optOut: { act: never },
    doubleOptIn: { ask: never, pending: never, confirm: never },
  };
  return known as HttpParts; // No handler runs, so no other part is asked for.
}
