// The rule packs there are, and which of them judge a stream: the general ones always, then those it names.
import type { Pack, Rule } from "../rule.ts";
import { human } from "./human.ts";
import { jpTokusho } from "./jp-tokusho.ts";
import { jp } from "./jp.ts";
import { mime } from "./mime.ts";

/** Asked of every stream. */
export const generalPacks: readonly Pack[] = [mime, human];

/** A stream names these in `rules`. */
export const namedPacks: readonly Pack[] = [jp, jpTokusho];

export function packsFor(names: readonly string[]): readonly Pack[] {
  return [...generalPacks, ...namedPacks.filter((pack) => names.includes(pack.name))];
}

/** The rule of that name in any pack; undefined for what is no rule of a pack. */
export function ruleNamed(name: string): Rule | undefined {
  return [...generalPacks, ...namedPacks]
    .flatMap((pack) => pack.rules)
    .find((rule) => rule.name === name);
}
