// A subject that pretends to be a reply or a forward.
import { remember } from "../../mail/remember.ts";
import { observe, type Judged, type Observation } from "../rule.ts";

const pretends =
  /^(?:[[【(「《<][^\]】)」》>]{0,20}[\]】)」》>]\s?)?(?:re|fwd?|aw|wg|sv|返信|転送)(?:\[\d+\]|\^\d+|\(\d+\))?\s?[:：]/iu;
// A work of that name, not a reply.
const title = /^re\s?[:：]\s?(?:ゼロから|zero\b|life\b|cycle\b|born\b)/iu;

export function misleadingSubject({ view }: Judged): readonly Observation[] {
  const { inReplyTo, subject } = view.header;
  const { written, match } = readSubject(subject);
  if (match === undefined || inReplyTo.trim() !== "")
    return [observe("pass", "the subject pretends nothing", "件名に問題はありません", "header")];
  if (title.test(written))
    return [
      observe(
        "warn",
        `the subject begins with "${match}", which looks like a reply`,
        `件名が「${match}」で始まり、返信のように見えます`,
        "header",
      ),
    ];
  return [
    observe(
      "fail",
      `the subject begins with "${match}" and there is no In-Reply-To`,
      `件名が「${match}」で始まりますが、In-Reply-To がありません`,
      "header",
    ),
  ];
}

const readSubject = remember((subject) => {
  const written = subject
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .trim();
  return { written, match: pretends.exec(written)?.[0] };
});
