// Where a browser is sent after a login: a path of our own, or nowhere (threats.md row 79).

const pathMax = 2048;

/** The path if it leads to this very server, else `/`. */
export function ownPath(next: string | undefined): string {
  // Browsers take \ for /, and leave out tabs and line ends: neither may be in it at all.
  if (next === undefined || next.length > pathMax || !/^\/[\x21-\x5b\x5d-\x7e]*$/.test(next))
    return "/";
  const base = "http://own.invalid";
  if (!URL.canParse(next, base)) return "/";
  const url = new URL(next, base);
  // Written out anew: `/x/..//evil` is `//evil` once its dots are gone.
  return url.origin === base && !url.pathname.startsWith("//")
    ? `${url.pathname}${url.search}${url.hash}`
    : "/";
}
