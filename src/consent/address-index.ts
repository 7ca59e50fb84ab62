// The keyed hash that stands for an address wherever it need not be readable (design.md invariant 6).
import { createHmac, createSecretKey } from "node:crypto";

import { foldAddress, type Address } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";

declare const brand: unique symbol;

/** 32 hexadecimal digits: HMAC-SHA-256 of the folded address, cut to 128 bits. Only the key's holder can make one. */
export type AddressIndex = string & { readonly [brand]: "AddressIndex" };

/** Gives the index of an address or, for suppressions of whole domains, of a domain. */
export interface Indexer {
  readonly address: (address: Address) => AddressIndex;
  readonly domain: (domain: Domain) => AddressIndex;
}

/** `key`: 32 secret octets that outlive every row; a new key would orphan the ledger. */
export function createIndexer(key: Buffer): Indexer {
  const secret = createSecretKey(key); // Made once: createHmac takes four times as long with a plain buffer.
  const hash = (label: string, text: string): AddressIndex =>
    createHmac("sha256", secret)
      .update(label)
      .update(text)
      .digest("hex")
      .slice(0, 32) as AddressIndex;
  return {
    address: (address) => hash("address\0", foldAddress(address)),
    domain: (domain) => hash("domain\0", domain),
  };
}

/** Reads an index that storage or a token carries; undefined where it is none. */
export function parseAddressIndex(text: string): AddressIndex | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as AddressIndex) : undefined;
}
