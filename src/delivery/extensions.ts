// What a receiver says it can do, in its answer to EHLO (RFC 5321 §4.1.1.1).

export interface Extensions {
  readonly startTls: boolean;
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly dsn: boolean;
  /** RFC 8689. */
  readonly requireTls: boolean;
  readonly size: boolean;
  /** Octets (RFC 1870); undefined where no limit is told. */
  readonly sizeMax?: number;
}

/** `lines` are the reply's lines without their codes; the first one is the greeting. */
export function readExtensions(lines: readonly string[]): Extensions {
  const offered = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const [keyword = "", parameter = ""] = line.trim().split(/\s+/);
    offered.set(keyword.toUpperCase(), parameter);
  }
  const size = offered.get("SIZE");
  // RFC 1870 §4: zero or no number means that no limit is told.
  const sizeMax = size !== undefined && /^\d{1,15}$/.test(size) ? Number(size) : 0;
  return {
    startTls: offered.has("STARTTLS"),
    pipelining: offered.has("PIPELINING"),
    eightBitMime: offered.has("8BITMIME"),
    smtpUtf8: offered.has("SMTPUTF8"),
    dsn: offered.has("DSN"),
    requireTls: offered.has("REQUIRETLS"),
    size: size !== undefined,
    ...(sizeMax > 0 ? { sizeMax } : {}),
  };
}
