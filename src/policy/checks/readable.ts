// Whether the message can be read with certainty.
import type { MessageView } from "../../content/view.ts";
import { observe, type Judged, type Observation, type Wording } from "../rule.ts";

/** As the view names them, with or without the part's number. */
const wordless = /(?:^| )(?:image\/\S+|application\/pdf)$/;

const putElsewhere: Wording = {
  en: "Move the picture or file out of multipart/alternative: into multipart/related beside the HTML that shows it, or into multipart/mixed as an attachment.",
  ja: "画像・ファイルを multipart/alternative の外に移してください（HTML に表示する画像は multipart/related、添付ファイルは multipart/mixed に入れる）。",
};

/** RFC 2046 §5.1.4: of alternatives a client shows the last that it can. */
function inPlaceOfText({ alternatives, attachments }: MessageView): readonly Observation[] {
  const alone = alternatives
    .filter(({ part, blocks }) => wordless.test(part) && blocks.length === 0)
    .map(({ part }) =>
      observe(
        "fail",
        "clients that can show this alternative show it in place of the text, and nothing else",
        "このパートを表示できるメールソフトでは、本文の代わりにこれだけが表示されます",
        part,
      ),
    );
  const offered = attachments
    .filter((attachment) => attachment.offered === true)
    .map(({ part }) =>
      observe(
        "warn",
        "stands among the alternatives of the text: some client may show it alone",
        "本文の代替（multipart/alternative）として置かれており、これだけを表示するメールソフトがあり得ます",
        part,
      ),
    );
  return [...alone, ...offered].map((one) => ({ ...one, remedy: putElsewhere }));
}

export function readable({ view, facts }: Judged): readonly Observation[] {
  const unclear = view.ambiguities.map(({ part, problem }) =>
    observe("fail", problem, `表示が一意に定まりません：${problem}`, part),
  );
  if (unclear.length > 0) return unclear;
  if (view.alternatives.length === 0 && facts.stream.class !== "transactional")
    return [
      observe(
        "fail",
        "the message has no text that a reader could see",
        "受信者に表示される本文がありません",
        "message",
      ),
    ];
  const misplaced = facts.stream.class === "transactional" ? [] : inPlaceOfText(view);
  if (misplaced.length > 0) return misplaced;
  return [
    observe(
      "pass",
      "every client shows the same text",
      "どのメールソフトでも同じ内容が表示されます",
      "message",
    ),
  ];
}
