// Whether a key's record stands in DNS as it should: a key signs only once it was seen there.
import type { KeyInfo } from "./key.ts";
import { matches, parseRecord } from "./record.ts";

/** What DNS says to a question for TXT records; the strings of each are joined (RFC 6376 §3.6.2.2). */
export type TxtAnswer =
  | { readonly kind: "records"; readonly records: readonly string[] }
  | { readonly kind: "nxdomain" | "nodata" }
  | { readonly kind: "unavailable"; readonly problem: string };

/** Asks DNS; never throws. */
export interface TxtResolver {
  readonly txt: (name: string) => Promise<TxtAnswer>;
  /** Drops what was learnt before, so that a record published a moment ago is seen. */
  readonly forget?: () => void;
}

/** `problem` tells the person who keeps the zone what to mend. */
export type Publication =
  | { readonly kind: "published" }
  | { readonly kind: "missing" | "different" | "unknown"; readonly problem: string };

/** DNS without an answer is `unknown`, and what is unknown is not published. */
export async function checkPublished(
  key: Pick<KeyInfo, "record">,
  resolver: TxtResolver,
): Promise<Publication> {
  const { name, value } = key.record;
  const answer = await resolver.txt(name);
  if (answer.kind === "unavailable")
    return { kind: "unknown", problem: `DNS gave no answer for ${name}; try again later` };
  const records = answer.kind === "records" ? answer.records : [];
  const [first, ...others] = records;
  if (first === undefined)
    return { kind: "missing", problem: `no TXT record at ${name} (yet): publish it` };
  if (others.length > 0) {
    const problem = `${records.length} TXT records at ${name}: leave only the one of this key`;
    return { kind: "different", problem };
  }
  const wanted = parseRecord(value);
  if (wanted.kind === "bad")
    return { kind: "different", problem: `the key's own record ${wanted.problem}` };
  if (matches(first, wanted.value)) return { kind: "published" };
  const seen = parseRecord(first);
  const problem = seen.kind === "bad" ? seen.problem : "carries another public key";
  return { kind: "different", problem: `the TXT record at ${name} ${problem}` };
}
