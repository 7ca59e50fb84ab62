// Messages written as lines, and what reading makes of them as lines: for the tests of content/.
import { readMessage } from "../../src/content/read.ts";
import type { MessageView } from "../../src/content/view.ts";

const head = "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

/** A message of header lines and body lines; bytes above 0x7f as latin1. */
export function mail(lines: readonly string[]): Buffer {
  return Buffer.from(head + lines.join("\r\n"), "latin1");
}

export function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}

export function view(content: Buffer): MessageView {
  const reading = readMessage(content);
  if (reading.kind !== "read") throw new Error(reading.problem);
  return reading.view;
}

/** Each alternative as "part: block | block", and each ambiguity. */
export function print(content: Buffer): string[] {
  const { alternatives, ambiguities } = view(content);
  return [
    ...alternatives.map(
      ({ part, blocks }) => `${part}: ${blocks.map(({ text }) => text).join(" | ")}`,
    ),
    ...ambiguities.map(({ part, problem }) => `! ${part} ${problem}`),
  ];
}

export const plain = "Content-Type: text/plain; charset=utf-8";
export const html = "Content-Type: text/html; charset=utf-8";
