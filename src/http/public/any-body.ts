// Bodies of a route that acts whatever is sent to it: no media type, length or syntax is a reason to say no.
import type { Readable } from "node:stream";

import type { FastifyRequest } from "fastify";

import type { App } from "../app.ts";

const readOctetsMax = 4096; // one form of two fields
const discardedOctetsMax = 64 * 1024; // what providers add goes by; an endless body does not

export interface AnyBody {
  /** The beginning, as UTF-8. */
  readonly text: string;
  /** False: more was on its way when reading ended, so that the connection must close. */
  readonly isWhole: boolean;
}

/** For the routes of this scope: `request.body` is an {@link AnyBody}, undefined where there is no body. */
export function takeAnyBody(scoped: App): void {
  // Fastify answers a Content-Type that it cannot read before any parser is asked.
  scoped.addHook("onRequest", (request, _reply, done) => {
    delete request.raw.headers["content-type"];
    done();
  });
  scoped.addContentTypeParser("*", (_request: FastifyRequest, payload: Readable) =>
    readBeginning(payload).catch(brokenOff),
  );
}

/** Rejects where the client hangs up before the end: what it would have said is not known. */
async function readBeginning(body: Readable): Promise<AnyBody> {
  const kept: Buffer[] = [];
  let octets = 0;
  // Leaving the loop must not destroy the request: its answer goes over the same socket.
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const data = Buffer.from(chunk as Uint8Array); // No encoding is set: the stream gives octets.
    if (octets < readOctetsMax) kept.push(data.subarray(0, readOctetsMax - octets));
    octets += data.length;
    if (octets > discardedOctetsMax) return { text: textOf(kept), isWhole: false };
  }
  return { text: textOf(kept), isWhole: true };
}

/** The client's doing, not a fault of ours for the log. */
function brokenOff(cause: unknown): never {
  throw Object.assign(new Error("the body broke off", { cause }), { statusCode: 400 });
}

function textOf(kept: readonly Buffer[]): string {
  return Buffer.concat(kept).toString();
}
