// What a recipient would see of a message: taken apart whatever is in it, twice alike, and never at a loss.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { LimitExceeded } from "../../src/content/limits.ts";
import { viewAnew, viewHtml } from "../../src/content/html/html-view.ts";
import { readMessage } from "../../src/content/read.ts";
import { snippets } from "../fixtures/content/visibility-snippets.ts";
import { settled } from "./must.ts";
import { mutated } from "./mutations.ts";
import type { FuzzTarget } from "./targets.ts";

const folder = join(import.meta.dirname, "../fixtures/templates");
const messages = readdirSync(folder)
  .filter((name) => name.endsWith(".eml"))
  .map((name) => readFileSync(join(folder, name), "latin1"));
const multipart = [
  "From: a@example.jp",
  "MIME-Version: 1.0",
  "Content-Type: multipart/alternative; boundary=b",
  "",
  "--b",
  "Content-Type: text/plain; charset=iso-2022-jp",
  "Content-Transfer-Encoding: base64",
  "",
  "GyRCJDMkcyRLJEEkTxsoQg==",
  "--b",
  "Content-Type: text/html; charset=utf-8",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  '<p style=3D"color:red">=E3=81=82</p>',
  "--b--",
  "",
].join("\r\n");
const mimeWords = [
  "\r\n",
  "\r\n\r\n",
  "\n",
  "--b",
  "--b--",
  "Content-Type: multipart/mixed; boundary=b\r\n",
  "boundary*0=",
  "=?utf-8?B?",
  "?=",
  "=?iso-2022-jp?Q?=1B$B",
  "Content-Transfer-Encoding: base64\r\n",
  "Content-Type: message/rfc822\r\n\r\n",
  "charset=utf-7",
  ";",
  '"',
  "\\",
  "(",
  ")",
  "<",
  "&#x",
  "\x1b$B",
  "\x1b(B",
  "=",
  "=3D",
  "\0",
  "<style>",
  "</div>",
];

/** A view or "too complex", the same for the same octets. */
export const mimeTarget: FuzzTarget = {
  name: "MIME walker",
  weight: 2,
  run: ({ seed, runs }) =>
    settled(() => {
      fc.assert(
        fc.property(mutated([multipart, multipart, ...messages], mimeWords), (text) => {
          const content = Buffer.from(text, "latin1");
          const before = Buffer.from(content);
          const first = readMessage(content);
          if (!content.equals(before)) throw new Error("the message was changed");
          if (JSON.stringify(first) !== JSON.stringify(readMessage(content)))
            throw new Error("read twice, it is two messages");
        }),
        { seed, numRuns: runs },
      );
    }),
};

const pages = snippets.map(
  ({ body, css, quirks }) =>
    `${quirks === true ? "" : "<!DOCTYPE html>"}<style>${css ?? ""}</style>${body}`,
);
const styleWords = [
  "display:none",
  "color:#fff",
  "font-size:0",
  "position:absolute;left:-9999px",
  "@media screen{",
  "}",
  "{",
  ";",
  ":",
  "!important",
  "calc(",
  "var(--a)",
  "--a:",
  ")",
  "(",
  ":not(",
  ":nth-child(2n+1)",
  "*",
  ">",
  "+",
  "~",
  "[style]",
  "::before",
  "url(",
  "/*",
  "*/",
  "\\",
  '<div style="',
  '">',
  "</div>",
  "<table><tr><td>",
  "</table>",
  "<style>",
  "</style>",
  "<!--",
  "-->",
  "width:1e9px",
  "-0px",
  "NaN",
  "transform:scale(0)",
  "clip-path:inset(",
  "rgba(0,0,0,0",
  "<b>",
  "<p>",
  "</p>",
  "<span hidden>",
];

/** Seen or too complex; a page that looks like an earlier one is seen as if it were the first. */
export const styleTarget: FuzzTarget = {
  name: "style engine",
  weight: 1,
  run: ({ seed, runs }) =>
    settled(() => {
      fc.assert(
        fc.property(mutated(pages, styleWords), (text) => {
          const page = Buffer.from(text, "latin1").toString("utf8");
          const [fresh, kept] = [see(viewAnew, page), see(viewHtml, page)];
          if (fresh !== kept) throw new Error(`seen as ${kept}, and alone as ${fresh}`);
        }),
        { seed, numRuns: runs },
      );
    }),
};

function see(view: typeof viewHtml, page: string): string {
  try {
    return JSON.stringify(view(page));
  } catch (error) {
    if (error instanceof LimitExceeded) return "too complex";
    throw error;
  }
}
