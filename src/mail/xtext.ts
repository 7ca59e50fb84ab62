// Text as the parameters of SMTP carry it (RFC 3461 §4).

/** `+` and two hexadecimal digits stand for an octet; undefined where it is malformed or holds a control character. */
export function decodeXtext(text: string): string | undefined {
  if (/\+(?![0-9A-F]{2})/.test(text)) return undefined;
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /^[\x20-\x7e]*$/.test(decoded) ? decoded : undefined;
}
