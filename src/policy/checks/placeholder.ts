// Template placeholders that reach the reader: in the subject, the visible text, link targets, and the client's headers.
import { remember } from "../../mail/remember.ts";
import type { Hidden } from "../../content/view.ts";
import { quote, type Page } from "../page.ts";
import { observe, type Judged, type Observation } from "../rule.ts";
import { onceForText, type ShownText } from "../shown-text.ts";
import { destinationOf } from "./destination.ts";
import { placeholderIn } from "./placeholder-patterns.ts";
import { withAsciiMarks } from "./placeholder-tools.ts";

const textMax = 400_000; // characters searched of one alternative; more is beyond any mail a person reads

export function placeholder({ view, pages, facts }: Judged): readonly Observation[] {
  const found: Observation[] = [];
  const inSubject = inWords(view.header.subject);
  if (inSubject !== undefined)
    found.push(
      observe(
        "fail",
        `${inSubject} in the subject`,
        `件名に ${inSubject} が残っています`,
        "header",
      ),
    );
  for (const { displayName } of [...view.header.from, ...view.header.to]) {
    if (displayName === "") continue;
    const inName = placeholderIn(displayName);
    if (inName !== undefined)
      found.push(
        observe(
          "fail",
          `${inName} in a name of From or To`,
          `From・To の表示名に ${inName} が残っています`,
          "header",
        ),
      );
  }
  const list =
    facts.stream.listUnsubscribe === "replace"
      ? undefined
      : placeholderIn(view.header.listUnsubscribe);
  if (list !== undefined)
    found.push(
      observe(
        "fail",
        `${list} in List-Unsubscribe`,
        `List-Unsubscribe に ${list} が残っています`,
        "header",
      ),
    );
  for (const page of pages) found.push(...inPage(page));
  return found.length > 0
    ? found
    : [
        observe(
          "pass",
          "no placeholder is left",
          "差し込み項目はすべて置換されています",
          "message",
        ),
      ];
}

const inWords = remember(
  (subject) => placeholderIn(subject) ?? namedField.exec(subject)?.[0] ?? unfilledIn(subject),
);

function inPage(page: Page): Observation[] {
  const { part } = page.alternative;
  const found: Observation[] = [];
  const { sure, inBrackets, unfilled } = inText(page.text);
  const visible = sure ?? inBrackets.find((one) => !isLinked(page, one))?.words ?? unfilled;
  if (visible !== undefined)
    found.push(
      observe(
        "fail",
        `${visible.trim()} in the visible text`,
        `本文に ${visible.trim()} が残っています`,
        part,
      ),
    );
  for (const target of page.targets) {
    const destination = destinationOf(target);
    if (
      target.how === "literal" ||
      destination.kind !== "nowhere" ||
      destination.why !== "placeholder"
    )
      continue;
    const inTarget = destination.what;
    const words = quote(page, target.start, target.end);
    found.push(
      observe(
        "fail",
        `${inTarget} in the target of the link "${words}"`,
        `リンク「${words}」の飛び先に ${inTarget} が残っています`,
        part,
      ),
    );
    break;
  }
  const alt = firstIn(page.alternative.images, ({ alt: words }) => placeholderIn(words));
  if (alt !== undefined)
    found.push(
      observe(
        "fail",
        `${alt} in an image's alt text, which is read where images are off`,
        `画像の代替テキストに ${alt} が残っています`,
        part,
      ),
    );
  const preheader =
    found.length > 0
      ? undefined
      : firstIn(page.alternative.hidden, (item) =>
          isPreheader(item) ? placeholderIn(item.text) : undefined,
        );
  if (preheader !== undefined)
    found.push(
      observe(
        "warn",
        `${preheader} in the hidden first words, which inbox lists show`,
        `一覧に表示されるプレヘッダーに ${preheader} が残っています`,
        part,
      ),
    );
  return found;
}

function firstIn<Item>(
  items: readonly Item[],
  find: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Text hidden at the very top is shown by inbox lists. */
function isPreheader(item: Hidden): boolean {
  return item.beforeBlock === 0 && !/comment|template|noscript|conditional/i.test(item.why);
}

/** "[姓]様": a field's name in brackets where the recipient's own should stand. */
const namedField =
  /[[［【〔＜<]\s?(?:会社名|貴社名|氏名|お?名前|姓名?|宛名|担当者名)\s?[\]］】〕＞>]\s?(?:様|さま|御中|殿)/u;

interface Bracketed {
  readonly words: string;
  readonly start: number;
  readonly end: number;
}

/** What the text has of placeholders, links left aside. */
const inText = onceForText(({ source }: ShownText) => {
  const written = source.slice(0, textMax).replaceAll("\f", "\n");
  return {
    sure: placeholderIn(written),
    inBrackets: bracketed(source),
    unfilled: unfilledIn(written),
  };
});

/** [配信解除リンク]: in brackets stands what a link or field should replace, unless it is the label of one. */
function bracketed(source: string): readonly Bracketed[] {
  const pattern =
    /[[［【〔＜<]\s?(?:[\p{Script=Han}\p{Script=Katakana}\p{Script=Hiragana}ー]{0,12}(?:リンク|URL|ＵＲＬ|差し込み|差込|挿入|自動挿入)|(?:会社名|貴社名|氏名|お?名前|姓|宛名|担当者名)(?=\s?[\]］】〕＞>]\s?(?:様|さま|御中|殿)))[^\]］】〕＞>\n]{0,8}[\]］】〕＞>]/gu;
  const found: Bracketed[] = [];
  for (const match of source.slice(0, textMax).matchAll(pattern)) {
    const end = match.index + match[0].length;
    const isLabel = /^[\s:：]*(?:https?:|[A-Za-z0-9._%+-]+@|\()/u.test(source.slice(end, end + 12));
    if (!isLabel) found.push({ words: match[0], start: match.index, end });
  }
  return found;
}

function isLinked(page: Page, { start, end }: Bracketed): boolean {
  return page.runs.some(
    (placed) => placed.run.link !== undefined && placed.start < end && start < placed.end,
  );
}

const unfilled: readonly RegExp[] = [
  /(?<![\p{L}\p{N}○〇◯●△▲□■◇◆×✕])[○〇◯●△▲□■◇◆×✕＊*]{2,6}[ 　]?(?:株式会社|会社)?[ 　]?(?:様|さま|御中|殿)(?!々|邸|宅)/u,
  // Behind another name it is one: Anna Null 様.
  /(?<![A-Za-z0-9]|[A-Za-z][ 　])(?:(?:undefined|null|none|nan|nil|n\/a|\(null\)|\(none\))[ 　]?){1,2}(?:様|さま|さん|御中|殿)(?![式々子])/iu,
  /(?<![A-Za-z0-9])(?:undefined|null|none|nan|nil|n\/a|\(null\)|\(none\))[ 　]?(?:円|ポイント)/iu,
  /[（(](?:会社名|貴社名|御社名|氏名|お?名前|姓名?|宛名|担当者名)[）)][ 　]?(?:様|さま|御中|殿)(?![式々子])/u,
  /(?:Dear|Hello|Hi)[ ](?:undefined|null|none|NaN|nil)\b/u,
  /%(?:\d\$)?[sd](?:[ 　]?(?:様|さま|さん|御中)|円)/u,
  /\{\d{1,2}\}[ 　]?(?:様|さま|さん|円|名|ポイント)/u,
  /^[ 　]*(?:様|さま|御中)(?:[、,。:：]|[ 　]*$)/mu,
  /^[ 　]*(?:undefined|\[object Object\]|NaN)[ 　]*$/mu,
  /(?:ここに|こちらに)(?:本文|テキスト|文章|タイトル|見出し|商品名|画像)(?:が入|を入|を入力|を記入)|ダミー(?:テキスト|文章|文)|(?:テキスト){3,}|lorem ipsum dolor/iu,
];

/** Fields that were filled with nothing: "undefined様", "○○様", a line that begins with 様. */
function unfilledIn(text: string): string | undefined {
  const written = withAsciiMarks(text);
  for (const pattern of unfilled) {
    const match = pattern.exec(written);
    if (match !== null) return match[0].trim() === "" ? match[0] : match[0].trim();
  }
  return undefined;
}
