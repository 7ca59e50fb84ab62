// The life of a key as people change it: pending → published → active → retiring → retired.
import type { Domain } from "../mail/domain.ts";
import type { KeyAct, KeyInfo, KeyState, KeyStore } from "./key.ts";
import { checkPublished, type TxtResolver } from "./publish.ts";

export const keyChanges = ["publish", "activate", "retire"] as const;
export type KeyChange = (typeof keyChanges)[number];

/**
 * From which state each change leads where; retire takes two steps, since mail under way still needs the record. What a
 * change asks for may be so already, since the gateway turns keys on by itself (turn.ts): then nothing is changed.
 */
const steps: Readonly<Record<KeyChange, Partial<Readonly<Record<KeyState, KeyState>>>>> = {
  publish: { pending: "published", published: "published", active: "active" },
  activate: { pending: "active", published: "active", active: "active", retiring: "active" },
  retire: { pending: "retired", published: "retired", active: "retiring", retiring: "retired" },
};

export type KeyChangeResult =
  /** `warning`: done, but mail will wait because of it. */
  | { readonly kind: "done"; readonly key: KeyInfo; readonly warning?: string }
  /** `problem` says what to do; where it is the record that lacks, `key.record` is what to paste. */
  | {
      readonly kind: "refused";
      readonly key: KeyInfo;
      readonly problem: string;
      /** It was changed between our reading and our writing. */
      readonly overtaken?: true;
    }
  | { readonly kind: "unknown" };

/**
 * publish and activate look into DNS first where `requirePublished`. `was`: only while the key still is so. Throws where the
 * key store does.
 */
export async function changeKey(
  parts: {
    readonly keys: KeyStore;
    readonly resolver: TxtResolver;
    readonly requirePublished: boolean;
  },
  which: { readonly domain: Domain; readonly selector: string },
  change: KeyChange,
  act: KeyAct,
  was?: KeyInfo,
): Promise<KeyChangeResult> {
  const all = await parts.keys.list();
  const key = all.find((info) => info.domain === which.domain && info.selector === which.selector);
  if (key === undefined) return { kind: "unknown" };
  const overtaken = {
    kind: "refused",
    key,
    problem: "somebody else has just changed it",
    overtaken: true,
  } as const;
  if (was !== undefined && !isSame(key, was)) return overtaken;
  const next = steps[change][key.state];
  if (next === undefined)
    return { kind: "refused", key, problem: `a key that is ${key.state} cannot ${change}` };
  if (change !== "retire" && parts.requirePublished) {
    parts.resolver.forget?.();
    const seen = await checkPublished(key, parts.resolver);
    if (seen.kind !== "published") return { kind: "refused", key, problem: seen.problem };
  }
  const changed = await parts.keys.advance(key, next, act);
  if (changed === undefined) return overtaken;
  const lastOne =
    key.state === "active" &&
    next === "retiring" &&
    !all.some(
      (info) =>
        info !== key &&
        info.domain === key.domain &&
        info.algorithm === key.algorithm &&
        info.state === "active",
    );
  return lastOne && key.algorithm === "rsa"
    ? {
        kind: "done",
        key: changed,
        warning: `mail from ${key.domain} waits until another RSA key is active`,
      }
    : { kind: "done", key: changed };
}

function isSame(left: KeyInfo, right: KeyInfo): boolean {
  return left.state === right.state && left.since.getTime() === right.since.getTime();
}
