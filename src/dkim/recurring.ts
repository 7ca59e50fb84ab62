// Keeps what was made of a header field for when it comes again: most fields of a campaign's messages are alike.

const keptMax = 200;
const keptLengthMax = 1000; // 400 kB in all, made and given

/** The same as `make`, which must depend on nothing but its argument. */
export function recurring(make: (text: string) => string): (text: string) => string {
  const kept = new Map<string, string>();
  return (text) => {
    const found = kept.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    if (text.length > keptLengthMax) return made;
    if (kept.size >= keptMax) kept.clear();
    kept.set(text, made);
    return made;
  };
}
