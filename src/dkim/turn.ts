// Turns the life of keys on by itself: seen in DNS → published → active, its forerunner → retiring → retired, and anew.
import type { Domain } from "../mail/domain.ts";
import { generateKey } from "./generate.ts";
import type { KeyAct, KeyInfo, KeyStore } from "./key.ts";
import { checkPublished, type TxtResolver } from "./publish.ts";
import { rsaBitsMin } from "./record.ts";
import { nextSelector } from "./selector.ts";

export interface TurnParts {
  readonly keys: KeyStore;
  readonly resolver: TxtResolver;
  readonly requirePublished: boolean;
  /** How long a key that no longer signs keeps its record: mail signed by it is under way. */
  readonly retireAfterMs: number;
  /** Age at which a successor is made; undefined: rotation is begun by people only. */
  readonly rotateEveryMs?: number;
  /** Domains of senders: only their keys are made anew. */
  readonly domains: readonly Domain[];
}

export type KeyTurn =
  /** A key was made: its record has to be published. */
  { readonly kind: "made" | "changed"; readonly key: KeyInfo };

/**
 * One round over all keys. A key whose record is seen becomes `published`, and `active` at once where nothing signs for
 * its domain yet. One that was `published` before and is newer than the active key takes over: it becomes active, and
 * then the other `retiring`, so that there is no moment without a signature. Rejects where the key store does.
 */
export async function turnKeys(parts: TurnParts, act: KeyAct): Promise<readonly KeyTurn[]> {
  const turns: KeyTurn[] = [];
  const groups = Map.groupBy(await parts.keys.list(), (key) => `${key.domain} ${key.algorithm}`);
  for (const group of groups.values()) turns.push(...(await turnGroup(group, parts, act)));
  return turns;
}

/**
 * Makes the successor of a domain's key, as strong as the one that signs now. Where one waits already, that one is
 * returned: a rotation is begun once. In a closed network it takes over at once.
 */
export async function beginRotation(
  parts: Pick<TurnParts, "keys" | "requirePublished">,
  what: {
    readonly domain: Domain;
    readonly algorithm: KeyInfo["algorithm"];
    readonly bits?: number;
  },
  act: KeyAct,
): Promise<KeyInfo> {
  const all = await parts.keys.list();
  const group = all.filter((key) => key.domain === what.domain && key.algorithm === what.algorithm);
  const waiting = successorOf(group);
  if (waiting !== undefined) return waiting;
  const bits = what.bits ?? signingKey(group)?.bits ?? rsaBitsMin;
  const privateKey = await generateKey(
    what.algorithm === "rsa" ? { algorithm: "rsa", bits } : { algorithm: "ed25519" },
  );
  const taken = all.filter((key) => key.domain === what.domain).map((key) => key.selector);
  const selector = nextSelector(what.algorithm, taken, act.at);
  const made = await parts.keys.add({ domain: what.domain, selector, privateKey }, act);
  return parts.requirePublished ? made : takeOver(made, signingKey(group), parts.keys, act);
}

async function turnGroup(
  group: readonly KeyInfo[],
  parts: TurnParts,
  act: KeyAct,
): Promise<readonly KeyTurn[]> {
  const turns: KeyTurn[] = [];
  const changed = (key: KeyInfo): void => void turns.push({ kind: "changed", key });
  let active = signingKey(group);
  for (const key of group.filter(waits).toSorted(newestFirst)) {
    if (key.state === "published" && active !== undefined && !isNewer(key, active)) continue;
    if (parts.requirePublished && (await checkPublished(key, parts.resolver)).kind !== "published")
      continue;
    // One that was published before this round has been seen twice: no name server that lags behind is caught out.
    if (active === undefined || (key.state === "published" && isNewer(key, active))) {
      const former = active;
      active = await takeOver(key, former, parts.keys, act);
      changed(active);
      if (former !== undefined) changed({ ...former, state: "retiring", since: act.at });
    } else if (key.state === "pending") {
      changed(await parts.keys.setState(key.domain, key.selector, "published", act));
    }
  }
  for (const key of group) {
    const done = act.at.getTime() - key.since.getTime() >= parts.retireAfterMs;
    if (key.state === "retiring" && done)
      changed(await parts.keys.setState(key.domain, key.selector, "retired", act));
  }
  if (isDue(group, parts, act.at) && active !== undefined) {
    const { domain, algorithm, bits } = active;
    const reason = "scheduled rotation";
    turns.push({
      kind: "made",
      key: await beginRotation(parts, { domain, algorithm, bits }, { ...act, reason }),
    });
  }
  return turns;
}

/** The new key first: in between both are active, and the newer one signs. */
async function takeOver(
  key: KeyInfo,
  former: KeyInfo | undefined,
  keys: KeyStore,
  act: KeyAct,
): Promise<KeyInfo> {
  const active = await keys.setState(key.domain, key.selector, "active", act);
  if (former !== undefined) await keys.setState(former.domain, former.selector, "retiring", act);
  return active;
}

function isDue(group: readonly KeyInfo[], parts: TurnParts, now: Date): boolean {
  const active = signingKey(group);
  return (
    parts.rotateEveryMs !== undefined &&
    active !== undefined &&
    parts.domains.includes(active.domain) &&
    successorOf(group) === undefined &&
    now.getTime() - active.createdAt.getTime() >= parts.rotateEveryMs
  );
}

/** As dkim/keyring.ts chooses: the newest active one. */
function signingKey(group: readonly KeyInfo[]): KeyInfo | undefined {
  return group.filter((key) => key.state === "active").toSorted(newestFirst)[0];
}

function successorOf(group: readonly KeyInfo[]): KeyInfo | undefined {
  const active = signingKey(group);
  return group
    .filter((key) => waits(key) && (active === undefined || isNewer(key, active)))
    .toSorted(newestFirst)[0];
}

function waits(key: KeyInfo): boolean {
  return key.state === "pending" || key.state === "published";
}

function isNewer(key: KeyInfo, other: KeyInfo): boolean {
  return newestFirst(key, other) < 0;
}

function newestFirst(a: KeyInfo, b: KeyInfo): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || b.selector.localeCompare(a.selector);
}
