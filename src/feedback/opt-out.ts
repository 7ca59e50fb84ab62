// Whether a person's mail asks to stop, in Japanese or English: what they wrote themselves, not what they quote or sign with.

/** `unclear`: it speaks of stopping, but a person must read how. `none`: it does not. */
export type OptOutReading = "opt-out" | "unclear" | "none";

const linesMax = 12; // a wish stands at the top; what comes later is a letter, and a person reads it
const charactersMax = 1500;
const searchedMaxCharacters = 20_000;

/** Pure; `text` is the decoded plain text with LF line ends. */
export function readOptOut(mail: {
  readonly subject: string;
  readonly text: string;
}): OptOutReading {
  const own = ownWords(mail.text);
  const subject = ownSubject(mail.subject);
  const readings = [own, subject].map(readWish);
  if (readings.includes("unclear")) return "unclear";
  return readings.includes("opt-out") ? "opt-out" : "none";
}

/** `unsubscribe+<token>@…`: mail to it is the wish itself, whatever it says (RFC 2369 §3.2). */
export function isOptOutAddress(address: string): boolean {
  return /^unsubscribe\+[^@]+@/i.test(address.trim());
}

const quoteStarts: readonly RegExp[] = [
  /^-{2,} ?(?:original message|forwarded message|元のメッセージ|転送メッセージ|original)/i,
  /^_{10,}\s*$/,
  /^on .{4,200} wrote: ?$/i,
  /^.{0,120}\d{4}[年/.-]\d{1,2}[月/.-]\d{1,2}日?.{0,160}(?:[:：]|wrote[:：]?|書きました[:：]?|のメール[:：]?)\s*$/,
  /^(?:from|差出人|送信元|送信者) ?[:：] ?.+/i,
  /^.{0,80}(?:wrote|さんは書きました|のメッセージ) ?[:：]\s*$/i,
];
const signatureStarts: readonly RegExp[] = [
  /^-- ?$/,
  /^(?:sent from my|get outlook for|iphoneから送信|スマートフォンから送信|android ?から送信|yahoo!メール)/i,
  /^[-=*_+~━─＝―☆★◆◇■□*＊・.\s]{5,}$/,
];

/** What the writer wrote: without quotations, signature, and lines of our own footers that clients copy unquoted. */
export function ownWords(text: string): string {
  const lines: string[] = [];
  for (const raw of text.slice(0, searchedMaxCharacters).replace(/\r\n?/g, "\n").split("\n")) {
    const line = raw.normalize("NFKC").trim();
    if (quoteStarts.some((start) => start.test(line.slice(0, 400)))) break;
    // A row of dashes above the first word is decoration, below it a signature.
    if (signatureStarts.some((start) => start.test(line.slice(0, 200)))) {
      if (lines.length > 0) break;
      continue;
    }
    if (line === "" || /^[>|]/.test(line) || isFooter(line)) continue;
    lines.push(line);
    if (lines.length >= linesMax) break;
  }
  return lines.join("\n").slice(0, charactersMax);
}

/** Instructions of a newsletter ("配信停止はこちら", "click here to unsubscribe"), not a wish of its reader. */
function isFooter(line: string): boolean {
  return (
    /https?:\/\//i.test(line) ||
    /(?:停止|解除|変更|退会)(?:を?(?:ご?希望|される|する)(?:の)?(?:方|場合)|の?(?:手続き?|方法)?は(?:、|こちら)|をご希望|される場合)/.test(
      line,
    ) ||
    /\b(?:to|you can) (?:unsubscribe|opt[- ]out)\b[^.]{0,40}\b(?:click|visit|here|reply|link)|\b(?:click|tap) (?:here|the link|below)|if you (?:no longer|do not|don't) (?:wish|want) to receive/i.test(
      line,
    )
  );
}

/** A subject that answers ours is ours; only one of the writer's own counts. */
function ownSubject(subject: string): string {
  const text = subject.slice(0, 500).normalize("NFKC").trim();
  return /^(?:re|fwd?|aw|sv|返信|転送)\s*[::]/i.test(text) ? "" : text.slice(0, 200);
}

const wishes: readonly RegExp[] = [
  // 配信を停止して, メルマガの解除, 登録を抹消 …
  /(?:配信|送信|送付|メール|メルマガ|マガジン|ニュースレター|案内|お知らせ|dm|登録|購読|受信|会員)[^。\n]{0,14}?(?:停止|解除|中止|止め|とめ|やめ|辞め|ストップ|不要|不用|要りません|要らない|要らん|いりません|いらない|結構です|お断り|断り|拒否|取り消し|取消|抹消|削除|辞退|キャンセル|遠慮|希望しません|希望しない|望みません)/i,
  /(?:もう|今後|これ以上|二度と|以後|以降)[^。\n]{0,16}?(?:送ら(?:ない|なく)|おくら(?:ない|なく)|送って(?:こない|来ない)|送(?:信|付)(?:しない|不要|は不要)|不要|結構|いりません|要りません|いらない|来ないで|止め|やめ)/,
  /(?:送ら|おくら|送信し|送付し|配信し|よこさ|寄こさ)(?:ないで|なくて(?:いい|良い|よい|結構|大丈夫)|ないよう)/,
  /(?:送って|送信して|送付して)(?:こないで|来ないで|ほしくない|欲しくない)/,
  /^(?:解除|停止|不要|退会|オプトアウト|ストップ|配信停止|配信解除|登録解除|購読解除|拒否|いらない|いりません|要りません|不要です|解約)(?:です|で|を?(?:お願い|希望|願い|たのみ|頼み)?(?:します|致します|いたします|願います|しております)?|して(?:下さい|ください))?[。.!、\s]*$/m,
  /(?:解除|停止|退会|解約|中止|オプトアウト)(?:を|の)?(?:して(?:下さい|ください|ほしい|欲しい|頂|いただ)|(?:お)?願い|希望|願います|したい|します|させて|依頼|手続きを|よろしく|求め|申請|申し込)/,
  /(?:リスト|名簿|宛先|配信先|登録)から[^。\n]{0,10}?(?:削除|外|除|消)/,
  /(?:アドレス|登録|情報)[^。\n]{0,8}?(?:削除|抹消|消去|消して)/,
  /(?:迷惑です|迷惑なので|しつこい)/,
  /(?:^|(?:メール|メルマガ|広告|もう|二度と|今後|これ以上)[^。\n]{0,6}?)(?:送る|おくる|送って(?:くる|来る)|よこす|寄こす)な(?![いかのらどん])/m,
  /\bunsub(?:scribe)?\b|\bun-subscribe\b|\bopt(?:ing)?[- ]?out\b|\bsign me off\b/i,
  /^\W*(?:please )?stop(?: it| this| now| please| all)?\W*$/im,
  /\bstop (?:send|e-?mail|mail|contact|spam|messag|the (?:e-?mail|mail|newsletter|spam)|these|this (?:e-?mail|mail|newsletter)|all (?:e-?mail|mail)|receiving|writing)/i,
  /\b(?:remove|delete|take|drop) (?:me|my (?:e-?mail|address|name|contact|data|subscription)|this (?:e-?mail|address))\b/i,
  /\b(?:do not|don't|dont|never|please no longer|stop to) (?:send|e-?mail|mail|contact|write|message)\b/i,
  /\bno (?:more|further|longer) (?:e-?mails?|mails?|newsletters?|messages?|want|wish|interested)/i,
  /\bcancel (?:my |the |this )?(?:subscription|newsletter|registration|membership|mailing)/i,
  /\b(?:do not|don't|dont) (?:want|wish|need) (?:to (?:receive|get|be)|(?:any|these|this|your|more) (?:e-?mail|mail|newsletter|message|anymore))/i,
  /\b(?:leave me alone|not interested)\b/i,
];

/** The same words turned round: not to stop, stopped against the will, asked about, told of others. */
const doubts: readonly RegExp[] = [
  /(?:停止|解除|退会|削除|中止|キャンセル|オプトアウト)[^。\n]{0,6}(?:しないで|せずに|したくない|したくあり|していない|していません|した覚え|しておりません|する気は|するつもりは|しなくて|は不要|不要です|必要はあり|されて(?:い|し)|になって|できません|できない)/,
  /(?:不要|いらない|要らない|迷惑)(?:では|じゃ)(?:ない|なく|あり)/,
  /(?:再開|もう一度|再登録|間違(?:え|っ)て|誤って|届かな|届いてい?ま?せん|届きません|復活|取り消し?たい)/,
  /(?:したら|すると|した場合|すれば|したとき)[^。\n]{0,40}(?:ますか|でしょうか|ですか|\?|か[。\s]*$)/,
  /(?:停止|解除|退会|オプトアウト)(?:とは|って何|の意味)/,
  /(?:停止|解除|退会|オプトアウト)[^。\n]{0,12}(?:しましたか|されましたか|完了(?:しました|です)か|できていますか|ありますか)/,
  /(?:友人|家族|母|父|妻|夫|息子|娘|上司|同僚|部下|知人|主人|他の人|別の)[^。\n]{0,24}(?:停止|解除|不要|退会|オプトアウト)/,
  /(?:しばらく|一時的に|一旦|いったん|来月|来週|\d+月)[^。\n]{0,20}(?:停止|止め|休止|中止)/,
  /(?:商品|注文|予約|契約|注文の|サンプル|カタログ|部品|在庫)[^。\n]{0,16}(?:キャンセル|解除|解約|停止|不要|取り消|削除|中止)/,
  /\b(?:do not|don't|dont|didn't|did not|never|not to|haven't|without|won't|wouldn't|can't|cannot) (?:want to |wish to |need to |have to |mean to )?(?:unsubscribe|opt[- ]?out|remove me|remove my|take me off|delete my|cancel|stop (?:send|e-?mail|mail|the|these))/i,
  /\b(?:why|when) (?:was|were|am|did|have|has|are)\b[^.\n]{0,40}(?:unsubscrib|opted|remov|stop)/i,
  /\b(?:re-?subscribe|subscribe me again|by mistake|accidentally|did i unsubscribe|was unsubscribed|been unsubscribed|restart|resume)\b/i,
  /\bif i (?:unsubscribe|opt|cancel|stop)/i,
  /\b(?:my|a) (?:friend|colleague|boss|wife|husband|mother|father|customer|son|daughter|manager)\b[^.\n]{0,40}(?:unsubscrib|opt|stop|remov)/i,
  /\b(?:order|booking|appointment|reservation|invoice|payment|delivery|contract)\b[^.\n]{0,30}\b(?:cancel|stop|delete|remov)|(?:cancel|stop|delete|remove) (?:my |the |this )?(?:order|booking|appointment|reservation|payment|delivery|contract)/i,
  /\b(?:only|except|but keep|but not)\b/i,
];

const mentions =
  /停止|解除|配信不要|メール不要|不要|退会|オプトアウト|購読|止めて|やめて|ストップ|\bunsubscrib|\bopt(?:ed|ing)?[- ]?(?:out|in)|\bsubscription\b|\bmailing list\b|\bstop\b/i;

function readWish(words: string): OptOutReading {
  if (words === "") return "none";
  const isWish = wishes.some((wish) => wish.test(words));
  if (isWish && doubts.some((doubt) => doubt.test(words))) return "unclear";
  if (isWish) return "opt-out";
  return mentions.test(words) ? "unclear" : "none";
}
