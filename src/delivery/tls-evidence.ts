// What a TLS connection turned out to be, as evidence for the record, and whether its certificate is valid.
import {
  checkServerIdentity,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";

import { printable } from "../mail/reply.ts";
import { daneProblem } from "./tls/tlsa.ts";
import type { TlsDemand } from "./tls/demand.ts";

export interface TlsEvidence {
  /** What was asked of the connection, and by whom. */
  readonly policy: "encrypt" | "verify" | "mta-sts" | "dane";
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
  /** Why the certificate is not what the TLSA records say; undefined where it is, or where DANE does not apply. */
  readonly daneInvalid?: string;
}

/** What the policy asks for was not proven: no mail may be given to this host. undefined: it was. */
export function unmet(tls: TlsEvidence): string | undefined {
  switch (tls.policy) {
    case "encrypt":
      return undefined;
    case "verify":
    case "mta-sts":
    case "dane":
      return unproven(tls);
  }
}

/** Why the certificate does not prove the host's name; under DANE the TLSA record is the proof, and no authority is needed. */
export function unproven(tls: TlsEvidence): string | undefined {
  return tls.policy === "dane" ? tls.daneInvalid : tls.invalid;
}

/**
 * `name` is the host's name, or its address where the operator gave one. Trust and name are both judged here: with
 * `rejectUnauthorized: false` Node skips the name of an untrusted certificate and ignores a wrong one (libraries.md 1.2, 11).
 */
export function readEvidence(socket: TLSSocket, name: string, demand: TlsDemand): TlsEvidence {
  const certificate = socket.getPeerCertificate();
  const invalid = findFault(socket, certificate, name);
  const daneInvalid = demand.kind === "dane" ? daneFault(socket, demand) : undefined;
  return {
    policy: policyName(demand),
    ...(daneInvalid === undefined ? {} : { daneInvalid }),
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

function policyName(demand: TlsDemand): TlsEvidence["policy"] {
  return demand.kind === "verify" ? (demand.by === "mta-sts" ? "mta-sts" : "verify") : demand.kind;
}

/** A resumed session shows no certificate anew, so it proves nothing (threats.md row 41). */
function daneFault(
  socket: TLSSocket,
  demand: Extract<TlsDemand, { kind: "dane" }>,
): string | undefined {
  if (socket.isSessionReused()) return "a resumed TLS session";
  const chain: Buffer[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // Node closes the ring at a self-signed certificate: it is its own issuer.
  while (certificate !== undefined) {
    const raw: unknown = certificate.raw; // absent where there is no certificate, whatever the type says
    if (!Buffer.isBuffer(raw) || chain.some((known) => known.equals(raw))) break;
    chain.push(raw);
    certificate = certificate.issuerCertificate;
  }
  return daneProblem(chain, demand, new Date());
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
