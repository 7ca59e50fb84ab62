// What reports call the outcome of a TLS session (RFC 8460 §4.3).
import type { NotConnected } from "../connect.ts";

export const resultTypes = [
  "starttls-not-supported",
  "certificate-host-mismatch",
  "certificate-expired",
  "certificate-not-trusted",
  "validation-failure",
  "tlsa-invalid",
  "dnssec-invalid",
  "dane-required",
  "sts-policy-fetch-error",
  "sts-policy-invalid",
  "sts-webpki-invalid",
] as const;
export type ResultType = (typeof resultTypes)[number];

/** undefined: the session failed before TLS was a question, and reports do not count it. */
export function resultOfFailure(failure: NotConnected): ResultType | undefined {
  if (failure.phase === "starttls") return "starttls-not-supported";
  if (failure.phase !== "handshake") return undefined;
  if (failure.tls === undefined) return "validation-failure";
  return failure.tls.policy === "dane"
    ? "validation-failure"
    : resultOfCertificate(failure.tls.invalid);
}

/** `invalid` in the words of tls-evidence.ts; undefined: a valid certificate. */
export function resultOfCertificate(invalid: string | undefined): ResultType {
  if (invalid === undefined) return "validation-failure";
  if (/expired/i.test(invalid)) return "certificate-expired";
  return invalid === "wrong name" ? "certificate-host-mismatch" : "certificate-not-trusted";
}
