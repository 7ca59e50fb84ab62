// Placeholders that single tools write in their own way, and field names in any marks where a reader's name should stand.

/** A mark that the pattern cannot do without, and the pattern; bounded, as all of them are. */
export function ofTools(fieldName: string): readonly (readonly [mark: string, pattern: RegExp])[] {
  return [
    // Zoho Campaigns
    ["$[", /\$\[[a-z][\w :.|-]{0,60}\]\$/i],
    // MailPoet, Benchmark
    [
      "[",
      new RegExp(
        `\\[(?:subscriber|newsletter|contact|recipient|customer):(?:${fieldName}|[a-z]{1,20}_\\w{1,40})(?:\\s?\\|\\s?default:[^[\\]\\n]{0,40})?\\]`,
        "i",
      ),
    ],
    ["[", /\[link:(?:subscription|newsletter)_\w{1,40}\]/i],
    // Campaign Monitor, Sendy
    ["[", /\[[a-z][\w ]{0,40}, ?fallback=[^[\]\n]{0,60}\]/i],
    // Constant Contact
    ["[[", /\[\[[a-z][\w .]{0,40} OR ["“「][^[\]\n]{0,60}\]\]/i],
    // Dotdigital; a mailbox has letters before its sign
    ["@", new RegExp(`(?<![\\w@.%+-])@${fieldName}@(?![\\w@.-])`, "i")],
    // Keap; "~Mr.Children~" is a band
    [
      "~",
      /~(?:Contact|Owner|Company|User|Lead|Order|Invoice|Referral|Affiliate|HostedEmail|Link)\.[A-Za-z_]\w{0,60}~/,
    ],
    ["~~eloqua", /~~eloqua\.\.[^~\n]{1,200}~~/i],
    // Python, Mailman
    ["%(", new RegExp(`%\\((?:${fieldName}|[a-z]{1,20}_[a-z_]{1,40})\\)[sd]`, "i")],
    ["<$", /<\$[a-z]\w{0,40}\$>/i],
    ["[[$", /\[\[\$[a-z]\w{0,40}\]\]/i],
  ];
}

/** Names of what stands before 様. */
const nameField =
  "(?:(?:[a-z]{1,12}:)?(?:[a-z]{1,20}[_. -]?)?name\\d{0,2}|company|お?名前|氏名|ご?芳名|姓名?|会社名|貴社名|御社名|企業名|法人名|団体名|部署名|役職名|担当者名|お客様名|会員名|宛名)";
const address = "[ \\u3000]?(?:様|さま|御中)(?![々式子相態])";
const word = "[a-z_][\\w.-]{0,40}(?: [a-z]\\w{0,20}){0,2}";

/** Where a name should stand, any word in marks of templates; in those that decorate names too, only a field's name. */
const addressed: readonly RegExp[] = [
  new RegExp(`(?<![\\w%$#@])([%$#@])\\1{0,2} ?${word} ?\\1{1,3}${address}`, "iu"),
  new RegExp(`\\{{1,3} ?${word} ?\\}{1,3}${address}`, "iu"),
  new RegExp(
    `(?<![\\p{L}\\p{N}])[[({<~*|_&!?:=^《〈【-]{1,3}[$%@*#]? ?${nameField} ?[$%@*#]?[\\])}>~*|_&!?:=^》〉】-]{1,3}${address}`,
    "iu",
  ),
  new RegExp(`[[({<]姓[\\])}>] ?[[({<]名[\\])}>]${address}`, "u"),
  new RegExp(`@(?:Model|ViewBag|ViewData)\\.\\w{1,40}${address}`, "u"),
];

/** "&name& 様", "*NAME*様": a field's name where the recipient's own should stand, whatever marks it has. */
export function addressedField(text: string): string | undefined {
  // Most texts have 様 somewhere, and few a mark or a program's word directly before it.
  if (!/[-\w$%#@})\]>~*|&!?:=^》〉】！-～-][ \u3000]?(?:様|さま|御中)/u.test(text))
    return undefined;
  const written = text.replace(/[！-～]/gu, toAscii);
  for (const pattern of addressed) {
    const found = pattern.exec(written);
    if (found !== null) return text.slice(found.index, found.index + found[0].length);
  }
  return undefined;
}

/**
 * Input methods turn marks into their full-width forms: ｛｛氏名｝｝ and ％％name％％ are the same mistakes. Every character keeps
 * its place. A single ［Mail］ stays as it is: it is the label of what follows.
 */
export function withAsciiMarks(text: string): string {
  if (!/[％＄＃＠｛｝｜［～]/u.test(text)) return text;
  return text.replace(/［［|］］|[％＄＃＠｛｝｜＊．＿０-９Ａ-Ｚａ-ｚ～]/gu, (marks) =>
    marks.length === 2 ? toAscii(marks.charAt(0)).repeat(2) : toAscii(marks),
  );
}

function toAscii(fullWidth: string): string {
  return String.fromCharCode(fullWidth.charCodeAt(0) - 0xfee0);
}
