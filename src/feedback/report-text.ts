// The running text of a returned report: where it ends and the returned mail begins, whom it names, and what it says of each.

const linesMax = 3000;
const reportMaxCharacters = 40_000; // of what is searched; a report that names more recipients than fit has status fields
const namedMax = 100;

/** One recipient named in the text, and the lines that speak of it. */
export interface NamedRecipient {
  readonly address: string;
  readonly words: string;
}

const originalMarks = [
  /^[\s>]*-{2,}.*\b(?:original (?:message|mail)|copy of (?:the|your) (?:message|mail)|below this line|header of the original|returned (?:message|mail)|message (?:text|header)|unsent message|message header|original-message|undelivered message)\b/i,
  /^[\s>]*(?:original message (?:follows|headers)|message headers? follow|included is a copy|enclosed is a copy|below is a copy of the original|the original message (?:follows|was attached)|original message headers:|returned message follows|a copy of (?:the|your) (?:original )?message|your (?:original )?message (?:is|follows)|the (?:header|first \d+ lines) of (?:the|your) (?:original )?message)/i,
  /^\s*\|-+ ?message text follows/i,
  /^[\s>]*-{4,}[^-]*(?:元の|オリジナル|送信された)(?:メール|メッセージ)/,
  /^(?:return-path|received|x-received|dkim-signature|arc-seal|x-originating-ip|x-google-smtp-source):/i,
];

/** Splits at the first sign of the returned mail. `rest` begins with that line; empty where the text holds no mail. */
export function cutOriginal(text: string): { readonly report: string; readonly rest: string } {
  const lines = text.split("\n");
  const index = lines
    .slice(0, linesMax)
    .findIndex((line) => originalMarks.some((mark) => mark.test(line.slice(0, 300))));
  if (index === -1) return { report: bounded(lines.slice(0, linesMax)), rest: "" };
  return { report: bounded(lines.slice(0, index)), rest: lines.slice(index).join("\n") };
}

function bounded(lines: readonly string[]): string {
  return lines.join("\n").slice(0, reportMaxCharacters);
}

/** HTML as rough text: enough to find addresses and sentences in a report that has no plain part. */
export function roughText(html: string): string {
  return html
    .replace(/<(style|script|head)\b[^]*?<\/\1\s*>/gi, " ")
    .replace(/<(?:br|p|div|tr|td|li|h\d|table)\b[^>]{0,2000}>/gi, "\n")
    .replace(/<[a-z/!][^>]{0,2000}>/gi, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&nbsp;|&#160;/g, " ")
    .replace(/&#39;|&apos;|&rsquo;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
}

const addressPattern = String.raw`[^\s<>"'()\[\]:;,|@=]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?`;
/** A line that begins with an address opens what is said of it. */
const opening = new RegExp(
  String.raw`^[\s*\-•・>|]*(?:[^<>@]{0,60}<mailto:|<|"|'|\()?(${addressPattern})[>"')]{0,2}(?=$|[\s:.,(<\[>])`,
);
const labelled = new RegExp(
  String.raw`^[\s*>]*(?:final-recipient|original-recipient|recipient(?: address)?|address|addressed to|failed (?:to send to|address|recipient)|undeliverable to|rcpt|宛先(?:アドレス)?|送信先|受信者|あて先)\s*[:：]\s*(?:rfc822;)?\s*<?(${addressPattern})`,
  "i",
);
const inSentence = new RegExp(
  String.raw`\b(?:deliver\w*|undeliver\w*|delayed|sent|send|sending|reach|message|mail|recipient\w*|address\w*|user|account|mailbox|unknown|failed|full)\b[^\n@]{0,120}?[\s<:("'](${addressPattern})`,
  "i",
);
const anywhere = new RegExp(String.raw`(?:^|[\s<:("'])(${addressPattern})`);
/** Lines of an SMTP transcript name the sender too. */
const dialogue =
  /^\s*(?:\w+ )?(?:> ?)*(?:<<<|In: |Out: |C: |S: |>>> ?(?:EHLO|HELO|MAIL|RCPT|DATA|BDAT|AUTH|STARTTLS|QUIT|RSET)\b)/i;
const notRecipient =
  /\b(?:contact|assist|help|mail from|from:|sender|postmaster|support|abuse|return-path|reply|message-id|message identifier|report to|questions?)\b|問い?合わせ|連絡|差出人|送信者/i;

/**
 * Recipients in the order the text names them. Lines that begin with an address count first; where there are none,
 * labels, then sentences, then any address that stands in no line about contacts or the sender.
 */
export function namedRecipients(report: string): readonly NamedRecipient[] {
  const lines = report.split("\n");
  const ways: readonly ((line: string) => string | undefined)[] = [
    (line) => addressIn(opening, line) ?? addressIn(labelled, line),
    (line) => (notRecipient.test(line) ? undefined : addressIn(inSentence, line)),
    (line) => (notRecipient.test(line) ? undefined : addressIn(anywhere, line)),
  ];
  for (const way of ways) {
    const named = collect(lines, way);
    if (named.length > 0) return named;
  }
  return [];
}

/** The lines that speak of `address`: from each line that names it up to the next line that opens with another. */
export function wordsAbout(report: string, address: string): string {
  const wanted = address.toLowerCase();
  const about: string[] = [];
  let within = false;
  for (const line of report.split("\n")) {
    const opened = addressIn(opening, line)?.toLowerCase();
    if (line.toLowerCase().includes(wanted)) within = true;
    else if (opened !== undefined && opened !== wanted) within = false;
    if (within) about.push(line);
  }
  return about.join("\n");
}

function collect(
  lines: readonly string[],
  way: (line: string) => string | undefined,
): readonly NamedRecipient[] {
  const named = new Map<string, { address: string; lines: string[] }>();
  let current: { address: string; lines: string[] } | undefined;
  for (const line of lines) {
    const address = way(line);
    if (address !== undefined) {
      const key = address.toLowerCase();
      const known = named.get(key);
      current = known ?? { address, lines: [] };
      if (known === undefined && named.size < namedMax) named.set(key, current);
    }
    current?.lines.push(line);
  }
  return [...named.values()].map((entry) => ({
    address: entry.address,
    words: entry.lines.join("\n"),
  }));
}

function addressIn(pattern: RegExp, line: string): string | undefined {
  if (dialogue.test(line)) return undefined;
  const address = pattern.exec(line.slice(0, 500))?.[1]?.replace(/[.]+$/, "");
  return address === undefined || /^postmaster@/i.test(address) ? undefined : address;
}
