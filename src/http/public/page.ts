// The one frame of pages that anybody may see: plain, readable aloud, without scripts, cookies or outside resources.
import { createHash } from "node:crypto";

import type { FastifyReply } from "fastify";

export type Language = "ja" | "en";

const style = [
  ":root{color-scheme:light dark}",
  "body{margin:0 auto;max-width:40rem;padding:1.5rem;font:1rem/1.7 system-ui,sans-serif}",
  "h1{font-size:1.4rem;line-height:1.4}h2{font-size:1.1rem;margin-top:2rem}",
  "code{overflow-wrap:anywhere}button{font:inherit;padding:.6rem 1.2rem}",
  "hr{border:0;border-top:1px solid;opacity:.3;margin:2rem 0}",
].join("");
const styleHash = createHash("sha256").update(style).digest("base64");

/** `body` is HTML: what comes from outside goes through {@link escapeHtml} first. */
export interface PageContent {
  readonly language: Language;
  readonly title: string;
  readonly body: string;
}

/** Answers with the page. Forms may post to this server only; nothing else loads or runs. */
export function sendPage(reply: FastifyReply, status: number, page: PageContent): FastifyReply {
  return reply
    .code(status)
    .type("text/html; charset=utf-8")
    .header(
      "content-security-policy",
      `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    )
    .send(renderPage(page));
}

function renderPage({ language, title, body }: PageContent): string {
  return [
    "<!doctype html>",
    `<html lang="${language}">`,
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    `<body><main>${body}</main></body>`,
    "</html>",
    "",
  ].join("\n");
}

/** Text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** The first of ja and en that Accept-Language names; Japanese where it names neither. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  for (const range of (acceptLanguage ?? "").slice(0, 200).split(",")) {
    const language = range.trim().slice(0, 2).toLowerCase();
    if (language === "ja" || language === "en") return language;
  }
  return "ja";
}
