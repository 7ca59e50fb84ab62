// Masks mail addresses in answers for roles that see all and nobody's name: `t***@example.jp`.

/** An address and nothing else stands there: masked by its parts, whatever they look like. Elsewhere addresses are looked for. */
const addressFields: ReadonlySet<string> = new Set(["address", "email", "mailFrom", "recipient"]);

const label = String.raw`[\p{L}\p{N}\p{M}-]+`;
const domain = String.raw`(?:${label}\.)+${label}`;
const literal = String.raw`\[(?:IPv6:)?[0-9A-Fa-f:.]{2,45}\]`; // RFC 5321 §4.1.3
const noAtom = String.raw`\s<>"(),;:@＠\\、。，：；「」『』（）＜＞【】`; // nor can these stand in a local part (RFC 6531 §3.3)
const atom = String.raw`[^'${noAtom}][^${noAtom}]*`;
const quoted = String.raw`"(?:[^"\\\r\n]|\\.){0,64}"`;
const latin = "[A-Za-zＡ-Ｚａ-ｚ]";

const plain = new RegExp(`(${atom}|${quoted})(@)(${domain}|${literal})`, "gu");
// As a form sends it (URL standard, percent-encoding), once or twice: what else stands in the URL is no part of it.
const encoded = new RegExp(
  String.raw`([\p{L}\p{N}\p{M}.!#$'*+^_\x60{|}~%-]{1,192}?)(%(?:25)?40)((?:${label}\.)+\p{L}[\p{L}\p{N}\p{M}-]*)`,
  "giu",
);
// Written full-width in Japanese text, where ＠ also stands for 'at' a place and 。 ends a sentence: the name ends in Latin letters.
const fullWidth = new RegExp(
  String.raw`(${atom}|${quoted})([＠﹫])(${domain}|(?:${label}[.．。｡])+${latin}{2,}|${literal})`,
  "gu",
);

const depthMax = 20; // answers are a few levels deep; what is deeper is not shown

/** The same value with every address in every text masked, keys too. Dates stay. */
export function masked(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return maskText(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth > depthMax) return null;
  if (Array.isArray(value)) return value.map((entry) => masked(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      maskText(name),
      addressFields.has(name) && typeof entry === "string"
        ? maskAddress(entry)
        : masked(entry, depth + 1),
    ]),
  );
}

/** Of an address, or of a domain that stands in the place of one and stays. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  return at === -1 ? maskText(address) : hide(address.slice(0, at), "@", address.slice(at + 1));
}

export function maskText(text: string): string {
  let shown = text;
  if (shown.includes("@")) shown = shown.replace(plain, replaced);
  if (shown.includes("%")) shown = shown.replace(encoded, replaced);
  return /[＠﹫]/.test(shown) ? shown.replace(fullWidth, replaced) : shown;
}

function replaced(_all: string, local: string, sign: string, host: string): string {
  return hide(local, sign, host);
}

/** The first character, so that two people of one domain can often be told apart in a support case, and the domain. */
function hide(local: string, sign: string, host: string): string {
  const [first = ""] = local.replace(/^"\\?/, "");
  return `${first === '"' ? "" : first}***${sign}${host}`;
}
