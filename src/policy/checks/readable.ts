// Whether the message can be read with certainty.
import type { Ambiguity, MessageView, Mislabelled } from "../../content/view.ts";
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

/** What stands last, which mostly is the footer, is seen only by who asks for it. */
function cut({ alternatives }: MessageView): readonly Observation[] {
  return alternatives
    .filter(({ isCut }) => isCut === true)
    .map(({ part }) => ({
      ...observe(
        "warn",
        "more than 102 KB of HTML: Gmail shows the rest, and so the footer, behind a link only",
        "HTML が 102 KB を超えています。Gmail では超えた部分（フッター等）がリンクの先でしか表示されません",
        part,
      ),
      remedy: {
        en: "Shorten the HTML below 102 KB, or put the sender's items and the opt-out at its beginning.",
        ja: "HTML を 102 KB 未満にするか、送信者の表示と配信停止の案内を本文の先頭に置いてください。",
      },
    }));
}

export function readable({ view, facts }: Judged): readonly Observation[] {
  const isTransactional = facts.stream.class === "transactional";
  const unclear = view.ambiguities.map((one) => tell(one, isTransactional));
  if (unclear.length > 0) return unclear;
  if (view.alternatives.length === 0 && !isTransactional)
    return [
      observe(
        "fail",
        "the message has no text that a reader could see",
        "受信者に表示される本文がありません",
        "message",
      ),
    ];
  const unsure = isTransactional ? [] : [...inPlaceOfText(view), ...cut(view)];
  if (unsure.length > 0) return unsure;
  return [
    observe(
      "pass",
      "every client shows the same text",
      "どのメールソフトでも同じ内容が表示されます",
      "message",
    ),
  ];
}

/** Tags in a text are ugly and can be read: a password's reset goes, as nothing in it need be shown by law. */
function tell({ part, problem, mislabelled }: Ambiguity, isTransactional: boolean): Observation {
  if (mislabelled === undefined)
    return observe("fail", problem, `表示が一意に定まりません：${problem}`, part);
  const { what, label, really } = mislabelled;
  const field = fieldsOf[what];
  const outcome = what === "type" && isTransactional ? "warn" : "fail";
  const said = label === "" ? `${field} の指定がありませんが` : `${field} は ${label} と指定されていますが`; // prettier-ignore
  return {
    ...observe(outcome, problem, `${said}、中身は ${really} です`, part),
    remedy: labelRightly(mislabelled),
  };
}

const fieldsOf: Readonly<Record<Mislabelled["what"], string>> = {
  charset: "文字コード",
  "transfer encoding": "Content-Transfer-Encoding",
  type: "Content-Type",
};

/** Where the octets show what the label should have been. */
function labelRightly({ what, label, really }: Mislabelled): Wording {
  if (what === "transfer encoding")
    return {
      en: `Give the part the field "Content-Transfer-Encoding: ${really}" in the tool that makes the message.`,
      ja: `メールの作成ツール側で、そのパートに「Content-Transfer-Encoding: ${really}」を付けてください。`,
    };
  if (what === "type")
    return {
      en: `Send it as ${really} in the tool that makes the message (in PHPMailer: $mail->isHTML(true); in WordPress: the filter wp_mail_content_type).`,
      ja: `メールの作成ツール側で、形式を ${really} に設定してください（PHPMailer では $mail->isHTML(true)、WordPress では wp_mail_content_type フィルター）。`,
    };
  return {
    en: `Set the charset to ${really} instead of ${label} in the tool that makes the message (in PHPMailer: $mail->CharSet).`,
    ja: `メールの作成ツール側で、文字コード（charset）を ${label} ではなく ${really} に設定してください（PHPMailer では $mail->CharSet）。`,
  };
}
