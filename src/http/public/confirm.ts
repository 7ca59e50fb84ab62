// /c/{token}: the page on which a person confirms a consent. Only a POST ever confirms.
import Type from "typebox";

import type { Confirmed, DoubleOptIn, PendingConsent } from "../../feedback/double-opt-in.ts";
import type { App } from "../app.ts";
import { textAnswer } from "../fields.ts";
import { escapeHtml, preferredLanguage, sendPage, type Language } from "./page.ts";

const bodyMaxOctets = 4096; // the form has no fields

const params = Type.Object({ token: Type.String({ maxLength: 800 }) });

/**
 * GET and HEAD show what is asked and change nothing: scanners open every link. The answer to a link that is unknown,
 * expired or of an erased person is the same.
 */
export function confirmRoutes(app: App, doubleOptIn: DoubleOptIn): void {
  void app.register((scoped: App, _options, done) => {
    scoped.addContentTypeParser(
      "*",
      { parseAs: "string", bodyLimit: bodyMaxOctets },
      (_request, _body, parsed) => parsed(null, undefined),
    );
    const response = {
      200: textAnswer("The page.", "text/html"),
      404: textAnswer("The link is unknown, expired, or of an erased person.", "text/html"),
    };
    const schema = { tags: ["public"], params, response };
    scoped.get(
      "/c/:token",
      {
        schema: {
          ...schema,
          summary:
            "Page that asks a person to confirm (HTML, Japanese and English); confirms nothing by itself",
        },
      },
      async (request, reply) => {
        const pending = await doubleOptIn.pending(request.params.token);
        return sendPage(
          reply.header("cache-control", "no-store").header("referrer-policy", "no-referrer"),
          pending === undefined ? 404 : 200,
          page(preferredLanguage(request.headers["accept-language"]), (language) =>
            pending === undefined ? notice(language, "unknown") : question(language, pending),
          ),
        );
      },
    );
    scoped.post(
      "/c/:token",
      { schema: { ...schema, summary: "Confirms: the form of the page" } },
      async (request, reply) => {
        const { token } = request.params;
        const userAgent = request.headers["user-agent"];
        const confirmed = await doubleOptIn.confirm(token, {
          remoteAddress: request.ip,
          ...(userAgent === undefined ? {} : { userAgent }),
        });
        return sendPage(
          reply.header("cache-control", "no-store").header("referrer-policy", "no-referrer"),
          confirmed === undefined ? 404 : 200,
          page(preferredLanguage(request.headers["accept-language"]), (language) =>
            notice(language, confirmed ?? "unknown"),
          ),
        );
      },
    );
    done();
  });
}

const words = {
  ja: {
    title: "メール配信の登録の確認",
    from: "送信者",
    asked: "次の内容に同意し、メールの受信を希望される場合は、「登録する」を押してください。",
    submit: "登録する",
    note: "このページを開いただけでは登録されません。お心当たりのない場合は、このページを閉じてください。配信はいつでも停止できます。",
    confirmed: "登録しました",
    confirmedText:
      "ご登録ありがとうございます。配信はいつでも、メールに記載のリンクから停止できます。",
    stopped: "配信は停止されています",
    stoppedText:
      "ご登録の確認は受け付けましたが、このアドレスへの配信が停止または休止されているため、メールは届きません。受信を希望される場合は、送信者の申し込みページから改めてお申し込みください。",
    unknown: "このリンクは使えません",
    unknownText:
      "有効期限が切れているか、正しくないリンクです。お申し込みのページからお問い合わせください。",
  },
  en: {
    title: "Confirm your subscription",
    from: "Sender",
    asked: "If you agree to the following and wish to receive this mail, press “Confirm”.",
    submit: "Confirm",
    note: "Opening this page confirms nothing by itself. If you did not ask for this, close the page. You can stop the mail at any time.",
    confirmed: "Confirmed",
    confirmedText: "Thank you. You can stop the mail at any time by the link in it.",
    stopped: "Mail is stopped",
    stoppedText:
      "Your confirmation is on record, but mail to this address was stopped or paused, so none will come. To receive it, please sign up anew at the sender’s form.",
    unknown: "This link cannot be used",
    unknownText:
      "It has expired, or is not a valid link. Please contact the place where you signed up.",
  },
} as const;

function page(
  first: Language,
  section: (language: Language) => string,
): { readonly language: Language; readonly title: string; readonly body: string } {
  const order: readonly Language[] = first === "ja" ? ["ja", "en"] : ["en", "ja"];
  return { language: first, title: words[first].title, body: order.map(section).join("<hr>") };
}

function question(language: Language, pending: PendingConsent): string {
  if (pending.state !== "asked") return notice(language, pending.state);
  const text = words[language];
  // The sender's words are shown as they are in both sections; their language is not known.
  const wording = escapeHtml(pending.wording).replaceAll("\n", "<br>");
  return [
    `<section lang="${language}"><h1>${escapeHtml(text.title)}</h1>`,
    `<p>${escapeHtml(text.from)}: ${escapeHtml(pending.senderName)}</p>`,
    `<p>${escapeHtml(text.asked)}</p><blockquote>${wording}</blockquote>`,
    `<form method="post"><p><button type="submit">${escapeHtml(text.submit)}</button></p></form>`,
    `<p>${escapeHtml(text.note)}</p></section>`,
  ].join("\n");
}

function notice(language: Language, kind: Confirmed | "unknown"): string {
  const text = words[language];
  return `<section lang="${language}"><h1>${escapeHtml(text[kind])}</h1><p>${escapeHtml(text[`${kind}Text`])}</p></section>`;
}
