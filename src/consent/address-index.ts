// The keyed hash that stands for an address wherever it need not be readable, so that one deletion erases a person.
import { hash } from "node:crypto";

import { foldAddress, type Address } from "../mail/address.ts";
import type { Domain } from "../mail/domain.ts";

declare const brand: unique symbol;

/** 32 hexadecimal digits: HMAC-SHA-256 of the folded address, cut to 128 bits. Only the key's holder can make one. */
export type AddressIndex = string & { readonly [brand]: "AddressIndex" };

const domainsKeptMax = 10_000; // a megabyte; most mail goes to few domains, which are asked for at each RCPT

/** Gives the index of an address or, for suppressions of whole domains, of a domain. */
export interface Indexer {
  readonly address: (address: Address) => AddressIndex;
  readonly domain: (domain: Domain) => AddressIndex;
}

/** `key`: 32 secret octets that outlive every row; a new key would orphan the ledger. */
export function createIndexer(key: Buffer): Indexer {
  const mac = createMac(key);
  const make = (text: string): AddressIndex => mac(text).slice(0, 32) as AddressIndex;
  const ofDomains = new Map<Domain, AddressIndex>();
  return {
    address: (address) => make(`address\0${foldAddress(address)}`),
    domain: (domain) => {
      const known = ofDomains.get(domain);
      if (known !== undefined) return known;
      const index = make(`domain\0${domain}`);
      if (ofDomains.size >= domainsKeptMax) ofDomains.clear();
      ofDomains.set(domain, index);
      return index;
    },
  };
}

const blockOctets = 64; // of SHA-256
const textMaxOctets = 1024; // an address has 254; folding can make it longer

/**
 * HMAC-SHA-256 (RFC 2104) as its two hashes. An Hmac object takes four times as long to make as these take to run, and an
 * import asks for one a row.
 */
function createMac(key: Buffer): (text: string) => string {
  if (key.length > blockOctets) throw new RangeError("an index key has at most 64 octets");
  const inner = Buffer.alloc(blockOctets + textMaxOctets);
  const outer = Buffer.alloc(blockOctets + 32);
  for (let place = 0; place < blockOctets; place += 1) {
    inner[place] = (key[place] ?? 0) ^ 0x36;
    outer[place] = (key[place] ?? 0) ^ 0x5c;
  }
  return (text) => {
    if (text.length * 3 > textMaxOctets) throw new RangeError("too long for an address or domain");
    const octets = inner.write(text, blockOctets);
    hash("sha256", inner.subarray(0, blockOctets + octets), "buffer").copy(outer, blockOctets);
    return hash("sha256", outer, "hex");
  };
}

/** Reads an index that storage or a token carries; undefined where it is none. */
export function parseAddressIndex(text: string): AddressIndex | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as AddressIndex) : undefined;
}
