// The header section of a message as fields of raw bytes (RFC 5322 §2.2): read without changing a byte.

export interface HeaderField {
  /** As written. */
  readonly name: string;
  /** Lower case. */
  readonly key: string;
  /** The whole field with its folds and its final CRLF, one character an octet (latin1). */
  readonly raw: string;
  /** Behind the colon, unfolded, trimmed; octets as latin1 characters (decode before showing). */
  readonly value: string;
}

export interface SplitMessage {
  readonly fields: readonly HeaderField[];
  /** Lines of the header section that are no field: a message that has any is malformed. */
  readonly malformed: readonly string[];
  /** Offset of the body's first octet; equals the length where there is no body. */
  readonly bodyOffset: number;
}

/** Splits a message whose line ends are CRLF. Never throws. Bounded by the caller: pass the header section's limit. */
export function splitMessage(message: Buffer): SplitMessage {
  const end = message.indexOf("\r\n\r\n");
  const startsEmpty = message.length >= 2 && message[0] === 13 && message[1] === 10;
  const headerLength = startsEmpty ? 0 : end === -1 ? message.length : end + 2;
  const bodyOffset = startsEmpty ? 2 : end === -1 ? message.length : end + 4;
  const fields: HeaderField[] = [];
  const malformed: string[] = [];
  let open: { name: string; raw: string } | undefined;
  const close = (): void => {
    if (open !== undefined) fields.push(toField(open.name, open.raw));
    open = undefined;
  };
  const text = message.toString("latin1", 0, headerLength);
  let start = 0;
  while (start < text.length) {
    const lineEnd = text.indexOf("\r\n", start);
    const next = lineEnd === -1 ? text.length : lineEnd + 2;
    const line = text.slice(start, next);
    start = next;
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (open === undefined) malformed.push(line.trimEnd());
      else open.raw += line;
      continue;
    }
    close();
    const colon = line.indexOf(":");
    const name = colon === -1 ? "" : line.slice(0, colon).replace(/[ \t]+$/, "");
    if (fieldName.test(name)) open = { name, raw: line };
    else malformed.push(line.trimEnd());
  }
  close();
  return { fields, malformed, bodyOffset };
}

const fieldName = /^[\x21-\x39\x3b-\x7e]+$/;

function toField(name: string, raw: string): HeaderField {
  const body = raw.slice(raw.indexOf(":") + 1).trim();
  const value = body.includes("\r\n") ? body.replace(/\r\n(?=[ \t])/g, "").trim() : body;
  return { name, key: name.toLowerCase(), raw, value };
}
