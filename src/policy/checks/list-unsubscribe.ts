// RFC 8058 lint of the client's own List-Unsubscribe.
import { observe, type Judged, type Observation } from "../rule.ts";
import { readDestination, type Destination } from "./destination.ts";
import { isOptOutHost } from "./host.ts";
import { strangerIn } from "./link-owner.ts";

const say = (outcome: "pass" | "warn", en: string, ja: string): readonly Observation[] => [
  observe(outcome, en, ja, "header"),
];

export function listUnsubscribe(judged: Judged): readonly Observation[] {
  const { view, facts } = judged;
  const { listUnsubscribe: value } = view.header;
  const policy = facts.stream.listUnsubscribe;
  if (policy === "replace" || (policy === "add" && value === ""))
    return say(
      "pass",
      "the gateway writes both headers",
      "ゲートウェイが両方のヘッダーを付与します",
    );
  if (value === "")
    return say("warn", "there is no List-Unsubscribe", "List-Unsubscribe がありません");
  const uris = Array.from(
    value.slice(0, 8192).matchAll(/<\s*([^<>]{1,2048}?)\s*>/g),
    (match) => match[1] ?? "",
  );
  const targets = uris.map(readDestination);
  const web = targets.find((target) => target.kind === "web");
  if (uris.length === 0)
    return say(
      "warn",
      "List-Unsubscribe has no URI in angle brackets",
      "List-Unsubscribe に <…> で囲まれた URI がありません",
    );
  if (targets.some((target) => target.kind === "nowhere" && target.why === "placeholder"))
    return say(
      "warn",
      "List-Unsubscribe has a placeholder that was not filled in",
      "List-Unsubscribe の差し込み項目が置換されていません",
    );
  if (web === undefined)
    return say(
      "warn",
      "List-Unsubscribe has a mailto only, no https link for one click",
      "List-Unsubscribe が mailto のみで、ワンクリック用の https リンクがありません",
    );
  if (!web.secure)
    return say(
      "warn",
      "the List-Unsubscribe link is not https",
      "List-Unsubscribe のリンクが https ではありません",
    );
  if (!isOptOutHost(web.host, facts))
    return say(
      "warn",
      `${web.host} in List-Unsubscribe is not a registered opt-out host`,
      `List-Unsubscribe の ${web.host} は登録済みの配信停止ホストではありません`,
    );
  return onClick(judged, web);
}

/** The second header, and whose address the link carries. */
function onClick(
  judged: Judged,
  web: Extract<Destination, { kind: "web" }>,
): readonly Observation[] {
  const { listUnsubscribePost: post } = judged.view.header;
  if (post.replace(/\s/g, "").toLowerCase() !== "list-unsubscribe=one-click")
    return say(
      "warn",
      'List-Unsubscribe-Post is not "List-Unsubscribe=One-Click"',
      "List-Unsubscribe-Post が「List-Unsubscribe=One-Click」ではありません",
    );
  if (strangerIn(web, web.url.href, judged) !== undefined)
    return say(
      "warn",
      "the List-Unsubscribe link carries another person's address",
      "List-Unsubscribe のリンクに別の受信者のアドレスが含まれています",
    );
  return say(
    "pass",
    "one-click opt-out as RFC 8058 asks",
    "RFC 8058 のワンクリック配信停止に沿っています",
  );
}
