// Examples: what is no JSON: pages for people, metrics, sign-on by redirection.
import type { ExampleTable } from "./example.ts";

const html = (title: string): string =>
  `<!doctype html>\n<html lang="ja"><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;

export const pageExamples: ExampleTable = {
  "GET /r/{reason}": { answers: { 200: html("no-consent"), 404: html("?") } },
  "GET /u/{token}": { answers: { 200: html("メール配信の停止") } },
  "POST /u/{token}": {
    body: "List-Unsubscribe=One-Click",
    answers: { 200: html("受け付けました") },
  },
  "GET /c/{token}": {
    answers: { 200: html("メール配信の登録の確認"), 404: html("このリンクは使えません") },
  },
  "POST /c/{token}": {
    answers: { 200: html("登録しました"), 404: html("このリンクは使えません") },
  },
  "GET /metrics": {
    answers: {
      200: '# HELP sekisho_ready 1 where the part is ready.\n# TYPE sekisho_ready gauge\nsekisho_ready{part="storage"} 1\n',
    },
  },
};
