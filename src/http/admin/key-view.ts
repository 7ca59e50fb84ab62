// What a key looks like over HTTP: never its private half.
import Type from "typebox";

import { keyStates, type KeyInfo } from "../../dkim/key.ts";
import { choice, time } from "../fields.ts";

export const keysPerDomainMax = 50; // retired ones stay listed: their selectors must not come again

const recordSchema = Type.Object({
  name: Type.String(),
  type: Type.String({ const: "TXT" }),
  value: Type.String(),
  strings: Type.Array(Type.String(), {
    description: "The value in pieces of at most 255 octets, as zone files want it.",
  }),
});
export const keySchema = Type.Object({
  domain: Type.String(),
  selector: Type.String(),
  algorithm: choice(["rsa", "ed25519"] as const, "Key type."),
  bits: Type.Integer(),
  state: choice(
    keyStates,
    "pending: its record was not seen yet; published: seen; active: signs; retiring: signs no more, the record stays; retired.",
  ),
  since: time("When it came into that state."),
  createdAt: time("When it was made."),
  record: recordSchema,
  warning: Type.Optional(Type.String({ description: "Done, but mail will wait because of it." })),
});
export const domainText = Type.String({ minLength: 3, maxLength: 255 });

export function tooMany(own: readonly KeyInfo[]): { readonly detail: string } {
  return {
    detail: `the domain has ${own.length} keys; at most ${keysPerDomainMax} are kept`,
  };
}

/** Field by field, so that nothing else a store may know of a key gets out. */
export function viewKey(key: KeyInfo): object {
  const { domain, selector, algorithm, bits, state, since, createdAt, record } = key;
  return { domain, selector, algorithm, bits, state, since, createdAt, record };
}
