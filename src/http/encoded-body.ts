// Refuses bodies in a content coding: read as they came, octets of gzip would be judged or stored in the place of what was meant.
import type { App } from "./app.ts";
import { refuse } from "./problem.ts";

/** 415 with what is taken (RFC 9110 §15.5.16); `identity` is no coding. Unpacking would let a small body become any size. */
export function refuseEncodedBodies(app: App): void {
  app.addHook("onRequest", async (request, reply) => {
    const coding = request.headers["content-encoding"]?.trim() ?? "";
    if (coding === "" || coding.toLowerCase() === "identity") return undefined;
    void reply.header("accept-encoding", "identity");
    return refuse(request, reply, "unsupported-media-type", {
      detail: "a body in a content coding is not taken",
      remedy: "Send the body as it is, without Content-Encoding.",
    });
  });
}
