// Quoted-printable is read by runs of octets; here octet by octet, as RFC 2045 §6.7 has it, and both must agree.
import fc from "fast-check";
import { expect, test } from "vitest";

import { decodeTransfer } from "./transfer.ts";

function octetByOctet(text: string): { readonly text: string; readonly odd: boolean } {
  let out = "";
  let firm = 0; // what stands before is data, be it white space
  let odd = false;
  for (let at = 0; at < text.length; at += 1) {
    const rest = text.slice(at);
    const octet = text.charAt(at);
    const escape = /^=([0-9A-Fa-f]{2})/.exec(rest)?.[1];
    const softBreak = /^=[ \t]*(?:\r?\n|$)/.exec(rest)?.[0];
    if (escape !== undefined) out += String.fromCharCode(Number.parseInt(escape, 16));
    else if (octet === "\r" || octet === "\n") {
      while (out.length > firm && /[ \t]$/.test(out)) out = out.slice(0, -1);
      out += octet;
    } else if (softBreak === undefined) {
      odd ||= octet === "=" || octet > "~";
      out += octet;
      continue;
    }
    at += (escape === undefined ? (softBreak?.length ?? 1) : 3) - 1;
    firm = out.length;
  }
  return { text: out, odd };
}

test("quoted-printable, whatever the octets", () => {
  const piece = fc.constantFrom(
    ..."=|=E3|=3|=\r\n|= \r\n|=\n|==|=\t|=zz|3d|F|a| |\t|\r\n|\r|\n|é|\x7f|~".split("|"),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      const { bytes, problem } = decodeTransfer(Buffer.from(text, "latin1"), "quoted-printable");
      const expected = octetByOctet(text);
      expect(bytes.toString("latin1")).toBe(expected.text);
      expect(problem !== undefined).toBe(expected.odd);
    }),
    { numRuns: 5000 },
  );
});
