// What a TLS connection turned out to be, as evidence for the record, and whether its certificate is valid.
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from "node:tls";

import { printable } from "../mail/reply.ts";
import type { TlsPolicy } from "./settings.ts";

export interface TlsEvidence {
  readonly policy: TlsPolicy;
  /** `TLSv1.3`. */
  readonly protocol: string;
  /** IANA name. */
  readonly cipher: string;
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the certificate, hexadecimal with colons. */
  readonly fingerprint: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** undefined: valid for the host's name and issued by a trusted authority. */
  readonly invalid?: string;
}

/**
 * `name` is the host's name, or its address where the operator gave one. Trust and name are both judged here: with
 * `rejectUnauthorized: false` Node skips the name of an untrusted certificate and ignores a wrong one (threats.md §1.2, 11).
 */
export function readEvidence(socket: TLSSocket, name: string, policy: TlsPolicy): TlsEvidence {
  const certificate = socket.getPeerCertificate();
  const invalid = findFault(socket, certificate, name);
  return {
    policy,
    protocol: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().standardName,
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    fingerprint: certificate.fingerprint256 ?? "",
    notBefore: dateOf(certificate.valid_from),
    notAfter: dateOf(certificate.valid_to),
    ...(invalid === undefined ? {} : { invalid }),
  };
}

function findFault(
  socket: TLSSocket,
  certificate: PeerCertificate,
  name: string,
): string | undefined {
  if (Object.keys(certificate).length === 0) return "no certificate";
  const named = checkServerIdentity(name, certificate) === undefined;
  const error: unknown = socket.authorizationError;
  const text = error instanceof Error ? error.message : String(error);
  // Node looks at the name only where the chain is good, and at another name than ours where ours is an address.
  if (socket.authorized || text.startsWith("ERR_TLS_CERT_ALTNAME"))
    return named ? undefined : "wrong name";
  return printable(named ? text : `${text}; wrong name`);
}

function nameOf(name: PeerCertificate["subject"] | undefined): string {
  const common = name?.CN ?? name?.O ?? "";
  return printable(Array.isArray(common) ? common.join(", ") : common);
}

function dateOf(text: string | undefined): string {
  const time = new Date(text ?? "");
  return Number.isNaN(time.getTime()) ? "" : time.toISOString();
}
