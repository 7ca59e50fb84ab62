// A copy of a string that keeps no other one in memory.

/** For what outlives its message: a part of a string holds on to the whole of it. */
export function detach(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
