// Content → composed → signed → wire form, once for all recipients of a message that get the same octets.
import type { Lease, QueueStore } from "../queue/store.ts";
import { freeOctets } from "../mail/free-octets.ts";
import { compose, type HeaderLines } from "./compose.ts";
import type { Signer } from "./signer.ts";
import { toWire, type WireMessage } from "./wire-message.ts";

export type Prepared =
  /** `signedBy`: names of the keys used. */
  | {
      readonly kind: "ready";
      readonly message: WireMessage;
      readonly signedBy: readonly string[];
    }
  /** The signer could not sign: the message waits (threats.md row 32). */
  | { readonly kind: "unsigned"; readonly detail: string }
  /** It can never be sent as it is stored. */
  | { readonly kind: "unsendable"; readonly problem: string }
  /** Its row is there and its content is not: storage has lost it, and nobody may lose that (threats.md row 48). */
  | { readonly kind: "missing" };

/** Content that need not be read back. */
export interface AtHand {
  readonly content: Buffer;
  /** Other recipients get it too, a moment later. */
  readonly isShared: boolean;
}

export interface Preparer {
  /** Throws StorageUnavailable. */
  readonly prepare: (lease: Lease, atHand?: AtHand) => Promise<Prepared>;
}

export interface PreparerParts {
  readonly queue: Pick<QueueStore, "content">;
  readonly signer: Signer;
  readonly hostname: string;
  readonly headers: (lease: Lease) => HeaderLines;
  /** undefined: this recipient gets the body as the client sent it. */
  readonly body?: (lease: Lease) => BodyChange | undefined;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

/** A change to the content for one recipient, such as a link of his own in a template's place. */
export interface BodyChange {
  /** Equal keys make equal changes of the same content. */
  readonly key: string;
  readonly apply: (content: Buffer) => Buffer;
}

const cacheOctetsMax = 8 * 1024 * 1024; // what has several recipients comes in one go; the rest is only in the way
const cacheAgeMs = 300_000; // a signature carries its time: old ones are made anew

export function createPreparer(parts: PreparerParts): Preparer {
  const cache = new Map<
    string,
    { readonly prepared: Promise<Prepared>; readonly since: number; octets: number }
  >();
  let cachedOctets = 0;

  const remove = (key: string): void => {
    cachedOctets -= cache.get(key)?.octets ?? 0;
    cache.delete(key);
  };
  const make = async (
    lease: Lease,
    headers: HeaderLines,
    body: BodyChange | undefined,
    kept: Buffer | undefined,
  ): Promise<Prepared> => {
    const stored = kept ?? (await parts.queue.content(lease.messageId));
    if (stored === undefined) return { kind: "missing" };
    const content = body === undefined ? stored : body.apply(stored);
    const composed = compose(content, { ...lease, hostname: parts.hostname, headers });
    if (content !== kept) freeOctets(content);
    if (composed.kind === "bad") return { kind: "unsendable", problem: composed.problem };
    const { message, split } = composed.value;
    const signing = await parts.signer.sign(message, lease.fromDomain, split);
    if (signing.kind === "unsigned") return signing;
    const wire = toWire(Buffer.from(signing.header, "latin1"), message);
    freeOctets(message); // The wire form is a copy, as what was composed is.
    return wire.kind === "bad"
      ? { kind: "unsendable", problem: wire.problem }
      : { kind: "ready", message: wire.value, signedBy: signing.keys ?? [] };
  };

  return {
    prepare: async (lease, atHand) => {
      const headers = parts.headers(lease);
      const body = parts.body?.(lease);
      // What nobody else gets is not kept: it would only outlive its attempt, and the collector would have to look for it.
      if (atHand?.isShared === false) return make(lease, headers, body, atHand.content);
      const key = JSON.stringify([lease.messageId, headers, body?.key]);
      const now = parts.monotonic();
      const found = cache.get(key);
      if (found !== undefined && now - found.since < cacheAgeMs) return found.prepared;
      if (found !== undefined) remove(key);
      const entry = {
        prepared: make(lease, headers, body, atHand?.content),
        since: now,
        octets: 0,
      };
      cache.set(key, entry);
      try {
        const prepared = await entry.prepared;
        // Only what went well is kept; anything else is asked for anew the next time.
        if (cache.get(key) === entry) {
          if (prepared.kind !== "ready") remove(key);
          else {
            entry.octets = prepared.message.octets.length;
            cachedOctets += entry.octets;
          }
        }
        for (const oldest of cache.keys()) {
          if (cachedOctets <= cacheOctetsMax) break;
          if (oldest !== key) remove(oldest);
        }
        return prepared;
      } catch (error) {
        if (cache.get(key) === entry) remove(key);
        throw error;
      }
    },
  };
}
