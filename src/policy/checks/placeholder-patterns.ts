// Placeholders of the template languages that mail tools use, told apart from text that only looks like one.
import { addressedField, ofTools, withAsciiMarks } from "./placeholder-tools.ts";

/** Names that templates give to the fields of a recipient or campaign; what else stands in single marks may be text. */
const fieldName =
  "(?:(?:first|last|full|user|nick|middle|company|customer|member|contact|recipient|subscriber|sender|list|campaign|product|order|shop)[_. -]?(?:name|id|no|code|email|mail|address|title|url)?|f?name|l?name|e?-?mail(?:[_-]?address)?|company|organization|address|tel|phone|birthday|age|gender|date|today|year|url|link|(?:un)?subscribe[\\w-]*|unsub[\\w-]*|opt-?out[\\w-]*|cancel[_-]?url|webversion|view_in_browser|subject|preheader|token|coupon(?:[_-]?code)?|display[_-]?name|col(?:umn)?(?=\\d))\\d{0,2}";
/** "顧客.氏名": of a table, too. */
const japaneseField =
  "(?:[\\u3041-\\u30ff\\u4e00-\\u9fff]{1,10}[.:・_])?(?:お?名前|氏名|ご?芳名|姓|名|姓名|会社名|貴社名|御社名|企業名|法人名|団体名|部署名?|役職名?|(?:ご)?担当者(?:名|様)?|お客様名|会員名|宛名|宛先|メールアドレス|アドレス|電話番号|住所|郵便番号|日付|日時|開催日時?|金額|商品名|店舗名|件名|本文|(?:配信停止|配信解除|購読解除|解除|停止|退会|登録|申込|詳細|クーポン)?(?:用)?(?:url|リンク|コード))";
const ident = "[a-z_][\\w.:-]{0,60}";
/** Names that a program gives: subscriber_id, contact.name, firstName. A word alone may be a decorated heading (≪NEWS≫). */
const programName =
  "(?:[a-zA-Z][a-zA-Z0-9]{0,30}[_.:][\\w.:-]{1,40}|_[a-z][\\w.:-]{0,40}|[a-z]{2,20}[A-Z][A-Za-z0-9]{1,30})";

/** "[TEL]03-…" is a label and its value; "[name]様" and "[email] へ" are not. */
const notALabel =
  "(?=[ \\u3000]?(?:様|さま|さん|御中|殿|の|は|が|を|に|へ|で|宛|[、。,.!！?？&/)）」』]|[ \\u3000]*$))";

/** A mark that the pattern cannot do without, and the pattern. Every one is bounded, so that a search is linear in the text. The order is that of how sure they are. */
const sure: readonly (readonly [mark: string, pattern: RegExp])[] = [
  ["{{", /\{\{[^{}\n]{0,120}\}\}/i],
  ["{{", /\{\{ ?[a-z][\w.]{1,40}(?![\w.}])/i],
  ["{%", /\{%-?\s?[^%\n]{1,120}%\}/i],
  ["${", /\$\{[^{}\n]{1,80}\}/i],
  ["{", /[#%@!]\{[\w.\s]{1,60}\}/i],
  ["{", /\{[$!@#?=][\w.>[\]'"-]{1,60}[#@]?\}/i],
  ["<%", /<%[^%<>\n]{1,120}%>/i],
  ["<?", /<\?(?:php|=)[^<>\n]{0,120}\?>/i],
  ["[%", /\[%[^%[\]\n]{1,120}%\]/i],
  ["|*", /\|\*[A-Z][A-Z0-9_:]{1,40}\*\|/],
  ["{", /\{[a-z]{2,30}=[\w.|]{1,60}\}/i],
  ["*|", /\*\|[^|*\n]{1,80}\|\*/i],
  [
    "%%",
    new RegExp(
      `%%=?(?:${ident}(?:\\([^)%\\n]{0,40}\\))?|${japaneseField}|\\[[^%\\n]{1,80}\\])=?%%`,
      "i",
    ),
  ],
  ["%%", /%%[a-z]\w{0,30}(?: [a-z]\w{0,30}){1,4}%%/i],
  ...between("##", "##"),
  ...between("$$", "$$"),
  ["$", new RegExp(`(?<![\\w$])\\$(?:${fieldName}|${japaneseField})\\$(?!\\w)`, "i")],
  ...between("@@", "@@"),
  ...between("<<", ">>"),
  ...between("«", "»"),
  ...between("≪", "≫"),
  ["__", /(?<![A-Za-z0-9_])__[A-Z][A-Z0-9_]{1,40}__(?![A-Za-z0-9_])/],
  ["__", new RegExp(`(?<![a-z0-9_])__(?:${fieldName}|${japaneseField})__(?![a-z0-9_])`, "i")],
  ...between("[[", "]]"),
  ["{", new RegExp(`\\{(?:${fieldName}|${japaneseField})\\}`, "i")],
  ["{", /\{(?:[a-z]{1,30}_[a-z0-9_]{1,30}|[a-z]{2,20}[A-Z][A-Za-z0-9]{1,30})\}/],
  ["#", new RegExp(`(?<![#\\w])#(?:${fieldName}|${japaneseField})#(?!\\w)`, "i")],
  [
    "[",
    new RegExp(
      `\\[(?:${fieldName.replace("|url|link", "").replace("|date|today|year", "")})\\](?!\\()${notALabel}`,
      "im",
    ),
  ],
  ["[object", /\[object Object\]/],
  ...ofTools(fieldName),
  // A word goes on behind none of them, but in a URL that ends in random base64: …/#N/Aku8v
  // "#N/A エラーの直し方" is a lesson on spreadsheets.
  [
    "#",
    /#(?:N\/A|REF!|NAME\?|VALUE!|DIV\/0!)(?!\w|[」』"”]?[ \u3000]?(?:エラー|(?:と|が)(?:表示|出)|[Ee]rror|ERROR))/,
  ],
];

/** `%name%`: a percent sign is also part of prices and of encoded URLs, so these three conditions are asked apart. */
const percent = new RegExp(`%((?:${ident})|${japaneseField})%`, "gi");

/** The first placeholder in a text or URL; undefined where there is none. */
export function placeholderIn(text: string): string | undefined {
  // Every placeholder has one of these marks; most texts have none.
  if (!/[{}%$#@*<«≪[_~％＄＃＠｛｝｜［～]/u.test(text)) return addressedField(text);
  const written = withAsciiMarks(text);
  for (const [mark, pattern] of sure) {
    const found = written.includes(mark) ? pattern.exec(written) : null;
    if (found !== null) return text.slice(found.index, found.index + found[0].length);
  }
  const inPercent = written.includes("%")
    ? // The same in a URL, percent-encoded: %7B%7Bname%7D%7D.
      (encodedPlaceholder(written) ?? percentPlaceholder(written))
    : undefined;
  return inPercent ?? addressedField(text);
}

const encoded =
  /%7B(?:%7B|%25)[^\s]{1,120}?%7D|\*%7C[^\s]{1,80}?%7C\*|%24%7B[^\s]{1,80}?%7D|%5B%5B\w{1,40}%5D%5D/gi;

/** What is encoded must be text: random octets, each encoded, have such marks by chance, and something else between. */
function encodedPlaceholder(text: string): string | undefined {
  for (const [found] of text.matchAll(encoded)) if (isTextEncoded(found)) return found;
  return undefined;
}

function isTextEncoded(text: string): boolean {
  try {
    return !/\p{Cc}/u.test(decodeURIComponent(text));
  } catch {
    return false;
  }
}

/** A field's name between decorative marks. */
function between(open: string, close: string): (readonly [string, RegExp])[] {
  const [left, right] = [open, close].map((mark) => mark.replace(/[$[\]]/g, "\\$&"));
  return [
    [open, new RegExp(`${left}\\s?(?:${fieldName}|${japaneseField})\\s?${right}`, "i")],
    [open, new RegExp(`${left}\\s?${programName}\\s?${right}`)],
  ];
}

/** Every placeholder of a text, in order: it stands where the template meant a word or a link. */
export function findPlaceholders(
  text: string,
): { readonly text: string; readonly start: number; readonly end: number }[] {
  if (placeholderIn(text) === undefined) return [];
  const written = withAsciiMarks(text);
  const found: { text: string; start: number; end: number }[] = [];
  for (const pattern of [...sure.map(([, one]) => one), percent]) {
    for (const match of written.matchAll(
      new RegExp(pattern, `${pattern.flags.replace("g", "")}g`),
    )) {
      const start = match.index;
      const end = start + match[0].length;
      if (found.length >= placeholdersMax) break;
      if (!found.some((one) => start < one.end && one.start < end))
        found.push({ text: text.slice(start, end), start, end });
    }
  }
  return found.toSorted((a, b) => a.start - b.start);
}

const placeholdersMax = 200; // beyond this the message is refused anyway

function percentPlaceholder(text: string): string | undefined {
  for (const match of text.matchAll(percent)) {
    const before = text.charAt(match.index - 1);
    const after = text.slice(match.index + match[0].length, match.index + match[0].length + 2);
    if (/[0-9０-９]/.test(before)) continue; // 50%OFF…20%
    if (/^[0-9a-f]{2}$/i.test(after) && /^%[0-9a-f]{2}/i.test(match[0])) continue; // %E3abc%81
    return match[0];
  }
  return undefined;
}
