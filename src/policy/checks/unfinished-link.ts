// An opt-out link that stops in the middle: a line break cut it, or the field that says whose mail to stop was left empty.
import { lineAt, quote, type Page, type Target } from "../page.ts";
import { observe, type Observation } from "../rule.ts";

/** Tools wrap lines at 60 to 78 columns; a line that ends much sooner was ended on purpose. */
const wrappedMin = 40;
const restMax = 200; // characters of what was cut off

/** Names of fields that tell a recipient from others. */
const personal =
  /^(?:e|em|m|u|t|k|c|r|s|x|q|qs|d|p)$|mail|addr|token|key|hash|code|user|member|contact|recipient|subscriber|(?:^|[a-z_-])id$/i;

/** A warning, since the page behind the link may ask its visitor for what is missing. */
export function unfinishedLink(page: Page, target: Target, url: URL): Observation | undefined {
  const rest = target.how === "literal" ? restBelow(page, target) : undefined;
  if (rest !== undefined)
    return {
      ...observe(
        "warn",
        `the link ends with its line, and "${rest}" on the next line looks like the rest of it`,
        `リンクが行末で切れており、次の行の「${rest}」がその続きのように見えます`,
      ),
      remedy: {
        en: "Switch off line wrapping in the tool that makes the text part, or let the link stand on a line of its own and be shorter.",
        ja: "テキスト版を作成するツールの自動改行を切るか、リンクを独立した行に置き、短くしてください。",
      },
    };
  const empty = emptyField(url);
  if (empty === undefined) return undefined;
  return {
    ...observe(
      "warn",
      `"${empty}=" in the link has no value, and nothing else in it says whose mail is to be stopped`,
      `リンクの「${empty}=」に値がなく、ほかに受信者を示すものもありません`,
    ),
    remedy: {
      en: "Look up the field in your mail tool: its name may be misspelt, or the recipient's value empty. Send a test mail and follow the link.",
      ja: "配信ツールの差し込み項目を確認してください（項目名の誤り、値の未登録など）。テスト送信をして、リンクを開いて確かめてください。",
    },
  };
}

/** "…/u/7Kd93j" and on the next line "sAq2x". */
function restBelow(page: Page, target: Target): string | undefined {
  const line = lineAt(page, target.end - 1);
  if (target.end !== line.end || line.end - line.start < wrappedMin) return undefined;
  const next = lineAt(page, line.end);
  if (next.start !== line.end || next.block !== line.block) return undefined;
  if (next.end - next.start > restMax) return undefined;
  const words = page.folded.text.slice(next.start, next.end);
  const isOneWord = !page.folded.gap.subarray(next.start + 1, next.end).some((gap) => gap > 0);
  const isUrlPart =
    /^[\w\-.~%&=+/?]{3,}$/.test(words) &&
    /[=&%]|[a-z].*\d|\d.*[a-z]/.test(words) &&
    /[a-z\d]{2}/.test(words);
  const isOther = /^(?:www\.|https?|tel|fax|vol\.|no\.)|^[\w-]+(?:\.[\w-]+)+\/?$/.test(words);
  return isOneWord && isUrlPart && !isOther ? quote(page, next.start, next.end) : undefined;
}

/** The name of a field for the recipient that is empty, where no other part of the link could name one. */
function emptyField(url: URL): string | undefined {
  const fields = [...url.searchParams];
  const empty = fields.find(([name, value]) => value === "" && personal.test(name))?.[0];
  if (empty === undefined) return undefined;
  if (!new RegExp(`[?&]${empty.replace(/[^\w-]/g, ".")}=(?:&|$)`, "u").test(url.search))
    return undefined;
  const others = [...url.pathname.split("/"), url.hash, ...fields.filter(([name]) => !name.startsWith("utm_")).map(([, value]) => value)]; // prettier-ignore
  return others.some(canTell) ? undefined : empty.slice(0, 40);
}

/** Long enough, and not an ordinary word. */
function canTell(value: string): boolean {
  return (value.length >= 4 && /\d/.test(value)) || /[A-Za-z_-]{16}/.test(value);
}
