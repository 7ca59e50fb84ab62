// The body decoder against a reference that is written the slow and obvious way.
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createBodyDecoder, type Body, type BodyOptions } from "./body-decoder.ts";

const octets = fc.array(
  fc.constantFrom("\r\n", "\r\n", "\r", "\n", ".", "..", "\r\n.", "\0", "a", "bc"),
  { maxLength: 30 },
);

/** Ends at the first CRLF.CRLF (or .CRLF at the start); flawed where a CR, LF or NUL is left when all CRLF are gone. */
function reference(wire: string): { readonly body: Body; readonly used: number } | undefined {
  const whole = `\r\n${wire}`;
  const end = whole.indexOf("\r\n.\r\n");
  if (end === -1) return undefined;
  const lines = whole
    .slice(0, end + 2)
    .split("\r\n")
    .slice(1, -1);
  const used = end + 5 - 2;
  if (lines.some((line) => /[\r\n\0]/.test(line))) {
    return { body: { kind: "flawed", flaw: "line-ends" }, used };
  }
  const content = lines
    .map((line) => `${line.startsWith(".") ? line.slice(1) : line}\r\n`)
    .join("");
  return { body: { kind: "complete", content: Buffer.from(content) }, used };
}

function decode(
  wire: Buffer,
  cuts: readonly number[],
  options: Partial<BodyOptions> = {},
): { readonly body: Body; readonly used: number } | undefined {
  const decoder = createBodyDecoder({
    messageBytesMax: 1_000_000,
    bareLf: "refuse",
    reserve: () => true,
    ...options,
  });
  const borders = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  let start = 0;
  for (const border of [...borders, wire.length]) {
    const used = decoder.feed(wire.subarray(start, border));
    if (used !== undefined) return { body: decoder.take(), used: start + used };
    start = border;
  }
  return undefined;
}

describe("body decoder", () => {
  test("agrees with the reference on every sequence and every way to cut it", () => {
    fc.assert(
      fc.property(octets, fc.array(fc.nat(), { maxLength: 8 }), (parts, cuts) => {
        const wire = `${parts.join("")}\r\n.\r\nQUIT\r\n`;
        expect(decode(Buffer.from(wire), cuts)).toEqual(reference(wire));
      }),
      { numRuns: 2000 },
    );
  });

  test("gives CRLF line ends only, where bare line feeds are normalised", () => {
    fc.assert(
      fc.property(octets, fc.array(fc.nat(), { maxLength: 4 }), (parts, cuts) => {
        const wire = Buffer.from(`${parts.join("")}\r\n.\r\n`);
        const result = decode(wire, cuts, { bareLf: "normalise" });
        if (result?.body.kind !== "complete") return;
        const text = result.body.content.toString();
        expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n\0]/);
      }),
    );
  });

  test("tells a message that is too large from one that just fits", () => {
    const wire = Buffer.from("12345678\r\n.\r\n");
    expect(decode(wire, [], { messageBytesMax: 10 })?.body.kind).toBe("complete");
    expect(decode(wire, [], { messageBytesMax: 9 })?.body).toEqual({
      kind: "flawed",
      flaw: "too-large",
    });
  });

  test("says so where there is no memory to set aside, and still finds the end", () => {
    const result = decode(Buffer.from("a\r\n.\r\n"), [2], { reserve: () => false });
    expect(result).toEqual({ body: { kind: "flawed", flaw: "no-room" }, used: 6 });
  });

  test("sets aside no more than the message where it comes in one piece", () => {
    let reserved = 0;
    const wire = Buffer.from("a\r\n\r\nb\r\n.\r\nQUIT\r\n");
    const reserve = (more: number): boolean => {
      reserved += more;
      return true;
    };
    const result = decode(wire, [], { reserve });
    expect(result?.used).toBe(11);
    expect(result?.body.kind === "complete" && result.body.content.toString()).toBe(
      "a\r\n\r\nb\r\n",
    );
    expect(reserved).toBe(8);
  });

  test("never sets aside more than twice the message, whatever the pieces", () => {
    let reserved = 0;
    const decoder = createBodyDecoder({
      messageBytesMax: 1_000_000,
      bareLf: "refuse",
      reserve: (more) => {
        reserved += more;
        return true;
      },
    });
    for (let index = 0; index < 300_000; index += 1) decoder.feed(Buffer.from("a"));
    expect(reserved).toBeLessThan(600_100);
  });

  test("row 68: stuffed dots cost no more steps than letters", () => {
    // Same octets, same single pass: the decoder holds no list of pieces and makes no copy a line.
    const flood = Buffer.from("..\r\n".repeat(500_000));
    const decoder = createBodyDecoder({
      messageBytesMax: 5_000_000,
      bareLf: "refuse",
      reserve: () => true,
    });
    decoder.feed(flood);
    decoder.feed(Buffer.from(".\r\n"));
    const body = decoder.take();
    expect(body.kind === "complete" && body.content.length).toBe(1_500_000);
  });
});
