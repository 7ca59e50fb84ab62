// The keys that may sign for a domain now, held ready in memory and kept in step with the key store.
import type { KeyObject } from "node:crypto";

import { isWithin, type Domain } from "../mail/domain.ts";
import type { KeyInfo, KeyState, KeyStore } from "./key.ts";
import { matches, measureKey, parseRecord } from "./record.ts";

const listingMaxAgeMs = 2000; // a key activated or retired by another process counts within two seconds
const clockSlackMs = 24 * 60 * 60 * 1000; // how far the clocks of machines that share a key store may be apart
const heldKeysMax = 1000; // private halves in memory: two keys for 500 domains

/** A key pair whose halves were seen to belong together and to its algorithm. */
export interface SigningKey {
  readonly domain: Domain;
  readonly selector: string;
  readonly algorithm: KeyInfo["algorithm"];
  readonly privateKey: KeyObject;
  /** As the DNS record has it. */
  readonly publicKey: KeyObject;
}

type Choice =
  | { readonly kind: "keys"; readonly keys: readonly SigningKey[] }
  | { readonly kind: "none"; readonly detail: string };

export interface Keyring {
  /** An RSA key first, then an Ed25519 key if there is one. Throws where the key store cannot be read. */
  readonly keysFor: (from: Domain) => Promise<Choice>;
}

interface Listing {
  readonly at: number;
  readonly keys: Promise<readonly KeyInfo[]>;
  /** What was chosen from it, by the domain in From: only domains of senders come here. */
  readonly chosen: Map<Domain, Promise<Choice>>;
}

export function createKeyring(parts: {
  readonly keys: KeyStore;
  readonly clock: () => Date;
  readonly requirePublished: boolean;
  readonly sharesKey?: (from: Domain, parent: Domain) => boolean;
}): Keyring {
  const signing: readonly KeyState[] = parts.requirePublished
    ? ["active"]
    : ["active", "published", "pending"]; // best first
  const held = new Map<string, Promise<SigningKey>>();
  let listing: Listing | undefined;

  const list = (): Listing => {
    const now = parts.clock().getTime();
    if (listing !== undefined && now >= listing.at && now - listing.at < listingMaxAgeMs)
      return listing;
    const made: Listing = { at: now, keys: parts.keys.list(), chosen: new Map() };
    listing = made;
    return made;
  };
  const forget = (failed: Listing): void => {
    if (listing === failed) listing = undefined; // A failure is not remembered.
  };

  /** One read of the sealed file for each key as long as its public half stays what it is. */
  const hold = (info: KeyInfo): Promise<SigningKey> => {
    const name = `${info.selector}\0${info.domain}\0${info.record.value}`;
    const known = held.get(name);
    if (known !== undefined) return known;
    const loading = load(parts.keys, info);
    if (held.size >= heldKeysMax) held.clear();
    held.set(name, loading);
    loading.catch(() => held.delete(name));
    return loading;
  };

  const choose = async (from: Domain, keys: Listing["keys"]): Promise<Choice> => {
    const infos = await keys;
    const usable = infos.filter(
      (info) =>
        signing.includes(info.state) &&
        (info.domain === from ||
          (isWithin(from, info.domain) && parts.sharesKey?.(from, info.domain) === true)),
    );
    const rsa = usable
      .filter((info) => info.algorithm === "rsa")
      .toSorted((a, b) => preference(a, b, signing))[0];
    if (rsa === undefined) return { kind: "none", detail: describeLack(infos, from) };
    if (!(parts.clock().getTime() > rsa.createdAt.getTime() - clockSlackMs))
      return {
        kind: "none",
        detail: `the clock is wrong: key ${rsa.selector} was made after now`,
      };
    const ed25519 = usable
      .filter((info) => info.algorithm === "ed25519" && info.domain === rsa.domain)
      .toSorted((a, b) => preference(a, b, signing))[0];
    const chosen = ed25519 === undefined ? [rsa] : [rsa, ed25519];
    return { kind: "keys", keys: await Promise.all(chosen.map(hold)) };
  };

  return {
    keysFor: (from) => {
      const listed = list();
      const known = listed.chosen.get(from);
      if (known !== undefined) return known;
      const choice = choose(from, listed.keys);
      choice.catch(() => {
        forget(listed);
      });
      listed.chosen.set(from, choice);
      return choice;
    },
  };
}

/** The nearest domain, then the best state, then the newest key: a rotation takes over once it is active. */
function preference(a: KeyInfo, b: KeyInfo, signing: readonly KeyState[]): number {
  return (
    b.domain.length - a.domain.length ||
    signing.indexOf(a.state) - signing.indexOf(b.state) ||
    b.createdAt.getTime() - a.createdAt.getTime() ||
    b.selector.localeCompare(a.selector)
  );
}

/** Throws where the private half is not that of the record, or of another type than it says (threats.md row 86). */
async function load(keys: KeyStore, info: KeyInfo): Promise<SigningKey> {
  const privateKey = await keys.privateKey(info.domain, info.selector);
  const published = parseRecord(info.record.value);
  if (measureKey(privateKey).algorithm !== info.algorithm || published.kind === "bad")
    throw new Error(`key ${info.selector} of ${info.domain} is not of the type it is listed as`);
  if (!matches(info.record.value, privateKey))
    throw new Error(`key ${info.selector} of ${info.domain} does not fit its DNS record`);
  const { domain, selector, algorithm } = info;
  return { domain, selector, algorithm, privateKey, publicKey: published.value };
}

function describeLack(infos: readonly KeyInfo[], from: Domain): string {
  const own = infos.filter((info) => info.domain === from && info.algorithm === "rsa");
  if (own.length === 0) return `no RSA key for ${from} (sekisho keys create --domain ${from})`;
  const states = own.map((info) => `${info.selector} ${info.state}`).join(", ");
  return `no active RSA key for ${from}: ${states} (${remedyFor(own, from)})`;
}

/** One whose record is awaited will sign by itself; one that steps aside can be called back; one that is retired cannot. */
function remedyFor(own: readonly KeyInfo[], from: Domain): string {
  if (own.some(({ state }) => state === "pending" || state === "published"))
    return `publish its record: sekisho keys list --domain ${from}`;
  const retiring = own.find(({ state }) => state === "retiring");
  return retiring === undefined
    ? `sekisho keys create --domain ${from}`
    : `sekisho keys activate --domain ${from} --selector ${retiring.selector}`;
}
