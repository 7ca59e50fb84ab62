// Signing keys on SQLite: public halves and states in a table, private halves in sealed files.
import { createPublicKey, type KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import {
  keyStates,
  SelectorTaken,
  type KeyAct,
  type KeyInfo,
  type KeyState,
  type KeyStore,
} from "../../dkim/key.ts";
import type { Domain } from "../../mail/domain.ts";
import { checkSelector, type KeyFiles } from "../key-files.ts";
import type { WriterClient } from "./client.ts";
import { reading } from "./database.ts";
import type { KeyRow } from "./keys.ts";
import { storedDomain } from "./recipient-rows.ts";

const rsaBitsMin = 2048; // RFC 8301 §3.2 and law.md S62
const stringMaxOctets = 255; // RFC 6376 §3.6.2.2

export class SqliteKeys implements KeyStore {
  readonly #db: Database;
  readonly #writer: WriterClient;
  readonly #files: KeyFiles;

  constructor(db: Database, writer: WriterClient, files: KeyFiles) {
    this.#db = db;
    this.#writer = writer;
    this.#files = files;
  }

  async list(): Promise<readonly KeyInfo[]> {
    return reading(() =>
      this.#db
        .prepare<[], KeyRow>("SELECT * FROM dkim_keys ORDER BY domain, created_at, selector")
        .all()
        .map((row) => toInfo(row)),
    );
  }

  async privateKey(domain: Domain, selector: string): Promise<KeyObject> {
    const key = await this.#files.read(domain, selector);
    const row = reading(() =>
      this.#db
        .prepare<[string, string], KeyRow>(
          "SELECT * FROM dkim_keys WHERE domain = ? AND selector = ?",
        )
        .get(domain, selector),
    );
    if (row === undefined || !publicHalf(key).equals(row.public_key))
      throw new Error(`the key file of ${selector}._domainkey.${domain} is not the key on record`);
    return key;
  }

  async add(
    key: { readonly domain: Domain; readonly selector: string; readonly privateKey: KeyObject },
    act: KeyAct,
  ): Promise<KeyInfo> {
    const { domain, selector, privateKey } = key;
    const row: KeyRow = {
      domain,
      selector: checkSelector(selector),
      ...measure(privateKey),
      state: "pending",
      state_since: act.at.getTime(),
      created_at: act.at.getTime(),
      public_key: publicHalf(privateKey),
    };
    // The file first, and none in place of another: a row without its file could not sign. What a failure leaves is old soon.
    await this.#claim(domain, selector, privateKey);
    await this.#writer.post("addKey", [row, act]);
    return toInfo(row);
  }

  /** Of several that make the selector at once, in this process or another, one gets through; the others: SelectorTaken. */
  async #claim(domain: Domain, selector: string, privateKey: KeyObject): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      if (await this.#isKnown(domain, selector)) break;
      if (await this.#files.write(domain, selector, privateKey)) return;
      // A file without a row: its maker is about to put the key on record, or was cut off and never will.
      if (!(await this.#files.isOld(domain, selector))) break;
      if (await this.#isKnown(domain, selector)) break;
      await this.#files.remove(domain, selector);
    }
    throw new SelectorTaken(domain, selector);
  }

  async #isKnown(domain: Domain, selector: string): Promise<boolean> {
    const all = await this.list();
    return all.some((info) => info.domain === domain && info.selector === selector);
  }

  async setState(domain: Domain, selector: string, state: KeyState, act: KeyAct): Promise<KeyInfo> {
    const row = await this.#writer.post("setKeyState", [domain, selector, state, act]);
    if (row === undefined)
      throw new RangeError(`no key with selector ${selector} is kept for ${domain}`);
    return toInfo(row);
  }

  async advance(was: KeyInfo, state: KeyState, act: KeyAct): Promise<KeyInfo | undefined> {
    const { domain, selector, since } = was;
    const standing = { state: was.state, since };
    const row = await this.#writer.post("setKeyState", [domain, selector, state, act, standing]);
    return row === undefined ? undefined : toInfo(row);
  }
}

function measure(key: KeyObject): { readonly algorithm: "rsa" | "ed25519"; readonly bits: number } {
  if (key.asymmetricKeyType === "ed25519") return { algorithm: "ed25519", bits: 256 };
  if (key.asymmetricKeyType !== "rsa") throw new RangeError("a signing key is RSA or Ed25519");
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < rsaBitsMin)
    throw new RangeError(`an RSA key needs ${rsaBitsMin} bits or more, this one has ${bits}`);
  return { algorithm: "rsa", bits };
}

function publicHalf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

function toInfo(row: KeyRow): KeyInfo {
  const state = keyStates.find((known) => known === row.state);
  if (state === undefined || (row.algorithm !== "rsa" && row.algorithm !== "ed25519"))
    throw new Error(`the key ${row.selector} of ${row.domain} has an unknown state or algorithm`);
  const der = Buffer.from(row.public_key);
  // RFC 8463 §4: for Ed25519 `p` is the bare 32 octets, for RSA the SubjectPublicKeyInfo (RFC 6376 §3.6.1).
  const p = (row.algorithm === "ed25519" ? der.subarray(-32) : der).toString("base64");
  const value = `v=DKIM1; k=${row.algorithm}; p=${p}`;
  return {
    domain: storedDomain(row.domain),
    selector: row.selector,
    algorithm: row.algorithm,
    bits: row.bits,
    state,
    since: new Date(row.state_since),
    createdAt: new Date(row.created_at),
    record: {
      name: `${row.selector}._domainkey.${row.domain}`,
      type: "TXT",
      value,
      strings: pieces(value),
    },
  };
}

function pieces(value: string): readonly string[] {
  const strings: string[] = [];
  for (let start = 0; start < value.length; start += stringMaxOctets)
    strings.push(value.slice(start, start + stringMaxOctets));
  return strings;
}
