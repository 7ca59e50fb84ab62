// One request, one host (RFC 9112 §3.2): a proxy in front and this server could otherwise each believe another field.
import type { App } from "./app.ts";
import { refuse } from "./problem.ts";

export function demandOneHost(app: App): void {
  app.addHook("onRequest", async (request, reply) => {
    const names = request.raw.rawHeaders.filter((_text, place) => place % 2 === 0);
    if (names.filter((name) => name.toLowerCase() === "host").length <= 1) return undefined;
    return refuse(request, reply, "bad-request", {
      detail: "the request has more than one Host field",
      remedy: "Send one (RFC 9112 §3.2).",
    });
  });
}
