// Opaque cursors of lists: where the last page ended, as numbers.

/** Text safe in a URL. */
export function encodeCursor(position: readonly number[]): string {
  return Buffer.from(position.join(".")).toString("base64url");
}

/** Undefined where there is no cursor. Throws RangeError where it is none of ours. */
export function decodeCursor(
  cursor: string | undefined,
  length: number,
): readonly number[] | undefined {
  if (cursor === undefined) return undefined;
  const parts = Buffer.from(cursor, "base64url").toString("utf8").split(".");
  if (parts.length !== length || !parts.every((part) => /^\d{1,15}$/.test(part)))
    throw new RangeError("the cursor is not one of this list");
  return parts.map(Number);
}
