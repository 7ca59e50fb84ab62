// URLs and mail addresses written out in text, found as mail clients find them to make them clickable.

export interface Literal {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const urlMax = 2048; // what browsers and mail clients can be relied on to follow
const localMax = 64; // RFC 5321 §4.5.3.1.1
const domainMax = 255;

/** In order. Linear in the text's length: each search starts at a scheme or an @, and its reach is bounded. */
export function findLiterals(text: string): Literal[] {
  const found: Literal[] = [];
  for (const match of text.matchAll(/https?:\/\//gi)) {
    const start = match.index;
    if (start < (found.at(-1)?.end ?? 0)) continue;
    const end = trimEnd(text, start, scan(text, start + match[0].length, urlMax, urlCharacter));
    if (end > start + match[0].length) found.push({ text: text.slice(start, end), start, end });
  }
  const urls = [...found];
  let nextUrl = 0;
  let last = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    while (nextUrl < urls.length && (urls[nextUrl]?.end ?? 0) <= at) nextUrl += 1;
    if (at >= (urls[nextUrl]?.start ?? Number.POSITIVE_INFINITY)) continue;
    let start = at;
    while (start > last && at - start <= localMax && localCharacter.test(text.charAt(start - 1)))
      start -= 1;
    const end = trimEnd(text, at + 1, scan(text, at + 1, domainMax, domainCharacter));
    if (start === at || !/\.[a-z]{2,}$/i.test(text.slice(at + 1, end))) continue;
    found.push({ text: text.slice(start, end), start, end });
    last = end;
  }
  return found.toSorted((a, b) => a.start - b.start);
}

// Brackets, quotes and full-width characters of Japanese text end a URL on every client that was looked at.
const urlCharacter = /[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%{}|\\^]/;
const localCharacter = /[A-Za-z0-9._%+-]/;
const domainCharacter = /[A-Za-z0-9.-]/;

function scan(text: string, start: number, max: number, allowed: RegExp): number {
  let end = start;
  while (end < text.length && end - start < max && allowed.test(text.charAt(end))) end += 1;
  return end;
}

/** Punctuation behind a URL belongs to the sentence, and so does a closing bracket that was not opened in it. */
function trimEnd(text: string, start: number, from: number): number {
  let end = from;
  while (end > start) {
    const last = text.charAt(end - 1);
    if (".,;:!?'*".includes(last) && !(last === "*" && text.charAt(end - 2) === "|")) end -= 1;
    else if (last === ")" && !text.slice(start, end).includes("(")) end -= 1;
    else if (last === "]" && !text.slice(start, end).includes("[")) end -= 1;
    else break;
  }
  return end;
}
