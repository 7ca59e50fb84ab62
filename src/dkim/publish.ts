// Whether a key's record stands in DNS as it should: a key signs only once it was seen there.
import type { KeyInfo } from "./key.ts";
import { matches, parseRecord } from "./record.ts";

/** Asks DNS for TXT records. */
export interface TxtResolver {
  /**
   * The records at `name`, the strings of each joined (RFC 6376 §3.6.2.2); empty where the name or the type does not
   * exist. Throws where DNS gave no answer.
   */
  readonly txt: (name: string) => Promise<readonly string[]>;
}

/** `problem` tells the person who keeps the zone what to mend. */
export type Publication =
  | { readonly kind: "published" }
  | { readonly kind: "missing" | "different" | "unknown"; readonly problem: string };

/** Never throws: DNS without an answer is `unknown`, and what is unknown is not published. */
export async function checkPublished(
  key: Pick<KeyInfo, "record">,
  resolver: TxtResolver,
): Promise<Publication> {
  const { name, value } = key.record;
  let records: readonly string[];
  try {
    records = await resolver.txt(name);
  } catch {
    return { kind: "unknown", problem: `DNS gave no answer for ${name}; try again later` };
  }
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
