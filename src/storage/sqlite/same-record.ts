// Whether a stored record is still what somebody saw who wants to change it.
import { isDeepStrictEqual } from "node:util";

/** When it was last used changes nothing. */
export function isSameRecord<Stored extends { readonly lastUsedAt?: Date | undefined }>(
  stored: Stored | undefined,
  was: Stored,
): boolean {
  if (stored === undefined) return false;
  const { lastUsedAt: _stored, ...left } = stored;
  const { lastUsedAt: _was, ...right } = was;
  return isDeepStrictEqual(left, right);
}
