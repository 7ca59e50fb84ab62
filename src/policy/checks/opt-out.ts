// The two duties about stopping the mail: a usable target is visible, and words directly beside it say what it is for.
import { lineAt, quote, type Page, type Target } from "../page.ts";
import type { Refusal } from "../refusal.ts";
import { observe, type Judged, type Observation } from "../rule.ts";
import { readDestination } from "./destination.ts";
import { isOptOutHost } from "./host.ts";
import { judgeLegibility, readOptOut, type OptOutLanguage, type OptOutReading, type Way } from "./opt-out-reading.ts"; // prettier-ignore
import { toSpeech } from "./opt-out-statements.ts";
import { findUnseen, letItBeSeen, tellUnseen } from "./unseen.ts";
import { whyHidden } from "../why-hidden.ts";

/** So much empty space before the footer hides it from a reader who does not scroll on (law.md JP-26, U24). */
const buryingLines = 20;

const rank = { pass: 0, warn: 1, fail: 2 } as const;

export function optOutAddress(language: OptOutLanguage) {
  return (page: Page, judged: Judged): Observation => {
    const reading = optOutReading(page, judged, language);
    const ways = reading.ways.map((way) => addressOf(page, way));
    const bestWay = best(ways);
    if (bestWay !== undefined && bestWay.outcome !== "fail") return bestWay;
    // A statement whose own target is bad is not mended by some other link of the message.
    if (bestWay !== undefined) return bestWay;
    const loose = reading.loose().map((target) => {
      const words = quote(page, target.start, target.end);
      const seen = observe(
        "pass",
        `"${words}" leads to a registered host, though no words say what for`,
        `「${words}」は登録済みホストへのリンクです（配信停止先である旨の記載はありません）`,
      );
      return legible(page, target, seen);
    });
    return best(loose) ?? absent(page, judged, reading);
  };
}

export function optOutNotice(language: OptOutLanguage) {
  return (page: Page, judged: Judged): Observation => {
    const reading = optOutReading(page, judged, language);
    const seen = reading.ways
      .filter((way) => way.verdict.outcome !== "fail")
      .map((way) => noticeOf(page, way));
    const found = best(seen);
    if (found !== undefined) return found;
    const [way] = reading.ways;
    if (way !== undefined) {
      const words = quote(page, way.refusal.start, way.refusal.end, 20);
      return {
        ...observe(
          "fail",
          `"${words}" stands beside a target that cannot be used`,
          `「${words}」の記載はありますが、その先が有効な配信停止先ではありません`,
        ),
        remedy: {
          en: "The words are in order: mend the link or mailbox beside them.",
          ja: "文言は問題ありません。隣にある配信停止先（リンク・アドレス）を修正してください。",
        },
      };
    }
    const [stray] = reading.stray;
    if (stray !== undefined) return farAway(page, stray, reading);
    const unseen = unseenNotice(page, language);
    if (unseen !== undefined) return unseen;
    const [rebuff] = reading.rebuffs;
    return rebuff === undefined
      ? observe(
          "fail",
          "no words say that the mail can be stopped",
          "配信停止（受信拒否）ができる旨の記載が見当たりません",
        )
      : observe(
          "fail",
          `"${rebuff}" does not say that the mail can be stopped`,
          `「${rebuff}」は、配信停止ができる旨の記載とは読めません`,
        );
  };
}

/** Words that say it, and that nobody sees. */
function unseenNotice(page: Page, language: OptOutLanguage): Observation | undefined {
  const unseen = findUnseen(page.alternative, (hidden) => {
    const speech = toSpeech(hidden);
    const found = language.grammars.flatMap((grammar) => grammar(speech).refusals);
    return found.find(({ strength }) => strength !== "hint");
  });
  return unseen && tellUnseen(unseen);
}

function addressOf(page: Page, way: Way): Observation {
  if (way.refusal.onlyElsewhere) {
    const words = quote(page, way.refusal.from, way.refusal.to);
    return observe(
      "fail",
      `"${words}": refusals are taken by phone, post or in person only`,
      `「${words}」：配信停止の受付が電話・郵送等のみです`,
    );
  }
  return way.target === undefined ? way.verdict : legible(page, way.target, way.verdict);
}

function legible(page: Page, target: Target, verdict: Observation): Observation {
  if (verdict.outcome === "fail") return verdict;
  const dim = judgeLegibility(page, target.start, target.end);
  if (dim === undefined || rank[dim.outcome] <= rank[verdict.outcome]) return verdict;
  return verdict.tokens === undefined ? dim : { ...dim, tokens: verdict.tokens };
}

function noticeOf(page: Page, way: Way): Observation {
  const { refusal } = way;
  const words = quote(page, refusal.start, refusal.end, 24);
  if (refusal.onlyElsewhere)
    return observe(
      "fail",
      `"${words}": by phone, post or in person only`,
      `「${words}」：電話・郵送等のみの受付です`,
    );
  const dim = judgeLegibility(page, refusal.start, refusal.end);
  if (dim?.outcome === "fail") return dim;
  if (refusal.needsFee)
    return observe(
      "fail",
      `"${words}": a fee is asked for`,
      `「${words}」：配信停止に費用がかかるとされています`,
    );
  if (refusal.needsLogin)
    return observe(
      "warn",
      `"${words}": a login is asked for before the mail can be stopped`,
      `「${words}」：配信停止にログインが必要とされています`,
    );
  if (refusal.needsData)
    return observe(
      "warn",
      `"${words}": further data is asked for before the mail can be stopped`,
      `「${words}」：配信停止に会員番号・理由などの入力が求められています`,
    );
  if (way.blankLines >= buryingLines)
    return observe(
      "warn",
      `"${words}" stands behind ${way.blankLines} empty lines`,
      `「${words}」の前に空行が ${way.blankLines} 行あります`,
    );
  if (refusal.strength === "label" || refusal.strength === "hint")
    return observe(
      "warn",
      `"${words}" says how to leave, not plainly that this mail can be stopped`,
      `「${words}」では、このメールの配信停止ができることが明確ではありません`,
    );
  if (refusal.language !== "ja" && hasKana(page)) {
    const [en, ja] = refusal.language === "en" ? ["English", "英語"] : ["foreign", "外国語"];
    return observe(
      "warn",
      `only ${en} words in a Japanese message: "${words}"`,
      `日本語のメールに${ja}のみで「${words}」と書かれています`,
    );
  }
  return dim ?? observe("pass", `"${words}"`, `「${words}」`);
}

function farAway(page: Page, refusal: Refusal, reading: OptOutReading): Observation {
  const words = quote(page, refusal.start, refusal.end, 24);
  const [target] = reading.loose();
  if (target === undefined)
    return observe(
      "fail",
      `"${words}" names no link or mailbox directly before or after it`,
      `「${words}」の直前・直後に URL やアドレスがありません`,
    );
  const lines = Math.abs(lineAt(page, target.start).rank - lineAt(page, refusal.start).rank);
  return observe(
    "fail",
    `"${words}" stands ${lines} lines away from the link`,
    `「${words}」と配信停止先が ${lines} 行離れています（直前または直後に必要です）`,
  );
}

/** Nothing usable is visible: say where it hides, if it does. */
function absent(page: Page, judged: Judged, reading: OptOutReading): Observation {
  const { hidden, images } = page.alternative;
  for (const item of hidden) {
    const raw = item.link?.target ?? item.text;
    const destination = readDestination(raw.trim());
    const host =
      destination.kind === "web"
        ? destination.host
        : destination.kind === "mail"
          ? destination.domain
          : undefined;
    if (host !== undefined && isOptOutHost(host, judged.facts))
      return {
        ...observe(
          "fail",
          `the opt-out link is in the part but not visible: ${whyHidden(item).en}`,
          `配信停止リンクはありますが、見えません（${whyHidden(item).ja}）`,
        ),
        remedy: letItBeSeen,
      };
  }
  for (const image of images) {
    const destination = readDestination(image.link?.target ?? "");
    if (destination.kind === "web" && isOptOutHost(destination.host, judged.facts))
      return observe(
        "fail",
        `the opt-out link is an image only (alt "${image.alt.slice(0, 60)}"): it needs words`,
        `配信停止リンクが画像のみです（alt「${image.alt.slice(0, 60)}」）。文字で表示する必要があります`,
      );
  }
  const [stray] = reading.stray;
  if (stray !== undefined) {
    const words = quote(page, stray.start, stray.end, 24);
    return observe(
      "fail",
      `"${words}" names no link or mailbox`,
      `「${words}」とありますが、URL もアドレスも示されていません`,
    );
  }
  if (judged.view.header.listUnsubscribe !== "")
    return observe(
      "fail",
      "only the List-Unsubscribe header has an opt-out; the text has none",
      "List-Unsubscribe ヘッダーだけで、本文に配信停止先がありません",
    );
  return observe(
    "fail",
    "no link or mailbox for stopping the mail is visible",
    "配信停止用の URL・アドレスが見当たりません",
  );
}

function best(observations: readonly Observation[]): Observation | undefined {
  let found: Observation | undefined;
  for (const one of observations)
    if (found === undefined || rank[one.outcome] < rank[found.outcome]) found = one;
  return found;
}

function hasKana(page: Page): boolean {
  return (page.folded.text.match(/[\u3041-\u3096\u30a1-\u30fa]/gu)?.length ?? 0) > 10;
}

export function optOutReading(page: Page, judged: Judged, language: OptOutLanguage): OptOutReading {
  const known = page.optOutReadings.get(language);
  if (known !== undefined) return known;
  const reading = readOptOut(page, judged, language);
  page.optOutReadings.set(language, reading);
  return reading;
}
