// The authorities that a receiver's certificate may come from.
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";

/** The runtime's own authorities and those of the operator (PEM). TLS 1.2 is the least (RFC 8996). */
export function createTrust(authorities: readonly string[]): SecureContext {
  return createSecureContext({
    minVersion: "TLSv1.2",
    ...(authorities.length === 0 ? {} : { ca: [...getCACertificates("default"), ...authorities] }),
  });
}
