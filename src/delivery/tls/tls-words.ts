// What went wrong with TLS, in words that a postmaster can act on: OpenSSL's own name files and lines of its source.
import { printable } from "../../mail/reply.ts";

const noTls = "what came behind 220 is no TLS";
const tooOld = "offers no TLS 1.2 or later";
const closed = "the connection was closed during the TLS handshake";

const ofHandshake: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  ERR_SSL_BAD_RECORD_TYPE: noTls,
  ERR_SSL_HTTP_REQUEST: noTls,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: tooOld,
  ERR_SSL_UNSUPPORTED_PROTOCOL: tooOld,
  ERR_SSL_VERSION_TOO_LOW: tooOld,
  "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE": "offers no cipher that we use",
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: "offers no cipher that we use",
  ERR_SSL_DH_KEY_TOO_SMALL: "its Diffie-Hellman key is too small",
  ERR_SSL_EE_KEY_TOO_SMALL: "its certificate's key is too small",
  ERR_SSL_CA_MD_TOO_WEAK: "its certificate is signed by a hash that is too weak",
  ECONNRESET: closed,
  EPIPE: closed,
};

/** `error` of a socket that was to become secure. What has no words here is told by OpenSSL's reason. */
export function handshakeWords(error: Error): string {
  const { code, reason } = error as { readonly code?: unknown; readonly reason?: unknown };
  const words = typeof code === "string" ? ofHandshake[code] : undefined;
  return words ?? `TLS: ${printable(typeof reason === "string" ? reason : error.message)}`;
}

const ofCertificate: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its chain ends at an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "its issuer is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its issuer is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its issuer is not known here, or the server does not send the chain",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  CERT_REVOKED: "it was revoked",
  "wrong name": "it bears another name than the host's",
};

/** `fault` as tls-evidence.ts has it, with the code behind the words, to search for. */
export function certificateWords(fault: string): string {
  const parts = fault.split("; ");
  const words = parts.map((part) => ofCertificate[part] ?? part).join(", and ");
  const codes = parts.filter((part) => part !== "wrong name" && part in ofCertificate);
  return `certificate: ${words}${codes.length === 0 ? "" : ` (${codes.join(", ")})`}`;
}
