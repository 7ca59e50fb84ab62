// A signer for example.jp with keys of both kinds in a key store in memory, and the records that publish them.
import { generateKey } from "../../src/dkim/generate.ts";
import { createSigner, type Signer } from "../../src/dkim/sign.ts";
import { parseDomain, type Domain } from "../../src/mail/domain.ts";
import { createMemoryKeyStore, type MemoryKeyStore } from "./memory-key-store.ts";
import type { Records } from "./dkim-verifiers.ts";

export interface SigningOffice {
  readonly domain: Domain;
  readonly keys: MemoryKeyStore;
  readonly signer: Signer;
  readonly records: Records;
  /** The message with its signatures on top; throws where it was not signed. */
  readonly signed: (message: Buffer) => Promise<Buffer>;
}

export function domainOf(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed.kind === "bad") throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}

export async function openSigningOffice(
  algorithms: readonly ("rsa" | "ed25519")[] = ["rsa", "ed25519"],
): Promise<SigningOffice> {
  const domain = domainOf("example.jp");
  const keys = createMemoryKeyStore();
  const act = { actor: "test", at: new Date("2026-11-24T00:00:00Z") };
  const records: Record<string, string> = {};
  for (const algorithm of algorithms) {
    const privateKey = await generateKey(
      algorithm === "rsa" ? { algorithm, bits: 2048 } : { algorithm },
    );
    const { record, selector } = await keys.add(
      { domain, selector: `test-${algorithm}`, privateKey },
      act,
    );
    await keys.setState(domain, selector, "active", act);
    records[record.name] = record.value;
  }
  const clock = (): Date => new Date();
  const signer = createSigner({ keys, clock, requirePublished: true });
  const signed = async (message: Buffer): Promise<Buffer> => {
    const signing = await signer.sign(message, domain);
    if (signing.kind === "unsigned") throw new Error(signing.detail);
    return Buffer.concat([Buffer.from(signing.header, "latin1"), message]);
  };
  return { domain, keys, signer, records, signed };
}
