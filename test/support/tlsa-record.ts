// A TLSA record (RFC 6698) for a certificate, as the DNS stub serves it.
import { createHash, X509Certificate } from "node:crypto";

import type { Zone } from "./dns-stub.ts";

export type TlsaRecord = NonNullable<Exclude<Zone["TLSA"], string>>[number];

/** `cert`: PEM. `selector` 0: the whole certificate, 1: its key. `matchingType` 0: as it is, 1: SHA-256, 2: SHA-512. */
export function tlsa(
  cert: string,
  usage: number,
  selector: 0 | 1,
  matchingType: 0 | 1 | 2,
): TlsaRecord {
  const certificate = new X509Certificate(cert);
  const whole =
    selector === 0
      ? certificate.raw
      : certificate.publicKey.export({ type: "spki", format: "der" });
  const digest = (name: string): Buffer => createHash(name).update(whole).digest();
  const data = [whole, digest("sha256"), digest("sha512")][matchingType] ?? whole;
  return { usage, selector, matchingType, certificate: data };
}
