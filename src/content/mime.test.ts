// Heads of parts are remembered: what they say must not depend on what was read before.
import fc from "fast-check";
import { expect, test } from "vitest";

import { walkMessage, type Entity, type Structure } from "./mime.ts";

const line = fc.constantFrom(
  "Content-Type: text/plain; charset=utf-8",
  "Content-Type: text/html; charset=utf-8",
  "content-type: TEXT/HTML; name=a.html",
  "Content-Type: none",
  "Content-Type: multipart/mixed",
  "Content-Disposition: attachment; filename=b.pdf",
  "Content-Transfer-Encoding: base64",
  "no field",
  "X: y\r\n \r\n z",
);
const head = fc
  .tuple(fc.array(line, { maxLength: 4 }), fc.nat(400))
  .map(([lines, id]) => [...lines, ...(id > 200 ? [`X-Id: ${id}`] : [])].join("\r\n"));
const part = head.map((text) => (text === "" ? "\r\nbody" : `${text}\r\n\r\nbody`));

/** What an entity says by itself, wherever it stands. */
function told({ path, ...rest }: Entity, { ambiguities }: Structure): unknown {
  const where = path === "" ? "message" : `part ${path}`;
  const problems = ambiguities.filter((one) => one.part === where).map((one) => one.problem);
  return { ...rest, body: rest.body.toString("latin1"), problems };
}

test("a part reads as its octets do by themselves, where no head is remembered", () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), (parts) => {
      const lines = parts.map((text) => `--b\r\n${text}\r\n`).join("");
      const whole = walkMessage(
        Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${lines}--b--\r\n`),
      );
      const alone = parts.map((text) => walkMessage(Buffer.from(text)));
      expect(whole.root.children.map((child) => told(child, whole))).toEqual(
        alone.map((structure) => told(structure.root, structure)),
      );
    }),
    { numRuns: 500 },
  );
});
