// /r/{reason}: what a refusal means and what to do, for whoever follows the link in a reply. Japanese and English.
import Type from "typebox";

import { isReason, reasons, type Reason, type ReasonRow } from "../../policy/reasons.ts";
import type { App } from "../app.ts";
import { textAnswer } from "../fields.ts";
import { escapeHtml, preferredLanguage, sendPage, type Language } from "./page.ts";

const words = {
  ja: {
    title: "応答の理由",
    todo: "対処方法",
    law: "根拠",
    reply: "SMTP 応答",
    unknown: "この理由は登録されていません。",
  },
  en: {
    title: "Reason of the reply",
    todo: "What to do",
    law: "Based on",
    reply: "SMTP reply",
    unknown: "There is no such reason.",
  },
} as const;

export function reasonRoutes(app: App): void {
  app.get(
    "/r/:reason",
    {
      schema: {
        summary: "What a refusal means and what to do (HTML, Japanese and English)",
        tags: ["public"],
        params: Type.Object({ reason: Type.String({ maxLength: 128 }) }),
        response: {
          200: textAnswer("The page.", "text/html"),
          404: textAnswer("There is no such reason.", "text/html"),
        },
      },
    },
    (request, reply) => {
      const first = preferredLanguage(request.headers["accept-language"]);
      const { reason } = request.params;
      const title = `${words[first].title}: ${isReason(reason) ? reason : "?"}`;
      const order: readonly Language[] = first === "ja" ? ["ja", "en"] : ["en", "ja"];
      const known = isReason(reason);
      const sections = order.map((language) =>
        known ? section(reason, language) : `<p lang="${language}">${words[language].unknown}</p>`,
      );
      const heading = known ? `<h1><code>${escapeHtml(reason)}</code></h1>` : "";
      return sendPage(reply, known ? 200 : 404, {
        language: first,
        title,
        body: `${heading}${sections.join("<hr>")}`,
      });
    },
  );
}

function section(reason: Reason, language: Language): string {
  const row: ReasonRow = reasons[reason];
  const { todo, law, reply } = words[language];
  const parts = [
    `<p>${escapeHtml(row.text[language])}</p>`,
    `<h2>${todo}</h2><p>${escapeHtml(row.remedy[language])}</p>`,
    row.law === undefined ? "" : `<h2>${law}</h2><p lang="ja">${escapeHtml(row.law)}</p>`,
    `<h2>${reply}</h2><p><code>${row.code} ${escapeHtml(row.enhanced)} ${escapeHtml(reason)}</code></p>`,
  ];
  return `<section lang="${language}">${parts.join("")}</section>`;
}
