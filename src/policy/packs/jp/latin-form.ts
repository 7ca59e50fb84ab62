// How a company writes its legal form in Latin letters: "Sample Inc.", "Sample, Inc" and "SAMPLE INC" are one name.

/** Folded, without the full stop at the end. What stands in one line stands for the same. */
const forms: readonly (readonly string[])[] = [
  ["co.,ltd", "co.ltd", "co,ltd", "coltd", "co,.ltd", "company,limited", "companylimited"],
  ["inc", "incorporated"],
  ["corp", "corporation"],
  ["ltd", "limited"],
  ["k.k", "kk"],
  ["g.k", "gk"],
  ["llc", "l.l.c"],
];
const spellings = new Map(forms.flatMap((same) => same.map((form) => [form, same] as const)));
// The longest first: "co.,ltd" ends in "ltd", too.
const known = [...spellings.keys()].toSorted((a, b) => b.length - a.length);

/** Every way of writing a folded name; itself alone where it ends in no such form. */
export function latinSpellings(name: string): readonly string[] {
  const bare = name.replace(/\.$/u, "");
  const form = known.find((one) => bare.endsWith(one));
  const stem = bare.slice(0, bare.length - (form?.length ?? 0)).replace(/,$/u, "");
  if (form === undefined || !/[a-z\d)]$/u.test(stem)) return [name];
  return (spellings.get(form) ?? []).flatMap((one) => [`${stem}${one}`, `${stem},${one}`]);
}
