// The splitter behind DATA, the readers of MAIL and RCPT, and a whole listener that is told nonsense.
import fc from "fast-check";

import { parseAddress } from "../../src/mail/address.ts";
import { createBodyDecoder, type Body } from "../../src/smtp/body-decoder.ts";
import { readMail, readRcpt } from "../../src/smtp/command.ts";
import { dial } from "../support/raw-client.ts";
import { startSmtpGateway } from "../support/smtp-gateway.ts";
import { must, settled } from "./must.ts";
import { mutated } from "./mutations.ts";
import type { FuzzTarget } from "./targets.ts";

const bodyWords = ["\r\n", "\r", "\n", ".", "\r\n.", "\r\n.\r\n", "\n.\n", "\r.\r", "\0", ".."];
const bodies = [
  "From: a@b.example\r\n\r\nx\r\n.\r\n",
  "\r\n.\r\n",
  "..\r\n.a\r\n\r\n.\r\nQUIT\r\n",
];

interface Decoded {
  readonly body: Body;
  readonly used: number;
}

function decode(
  wire: Buffer,
  cuts: readonly number[],
  bareLf: "refuse" | "normalise",
): Decoded | undefined {
  const decoder = createBodyDecoder({ messageBytesMax: 1_000_000, bareLf, reserve: () => true });
  const borders = [...cuts.map((cut) => cut % (wire.length + 1)), wire.length];
  let start = 0;
  for (const border of borders.toSorted((a, b) => a - b)) {
    const used = decoder.feed(wire.subarray(start, border));
    if (used !== undefined) return { body: decoder.take(), used: start + used };
    start = border;
  }
  return undefined;
}

/** What is a message comes out as it went in, whatever packets it came in, and ends where every other server sees the end. */
export const splitterTarget: FuzzTarget = {
  name: "DATA splitter",
  weight: 10,
  run: ({ seed, runs }) =>
    settled(() => {
      fc.assert(
        fc.property(
          mutated(bodies, bodyWords),
          fc.array(fc.nat(), { maxLength: 10 }),
          fc.constantFrom("refuse", "normalise"),
          (text, cuts, bareLf) => {
            const wire = Buffer.from(text, "latin1");
            const whole = decode(wire, [], bareLf);
            must(
              JSON.stringify(whole) === JSON.stringify(decode(wire, cuts, bareLf)),
              "cut elsewhere, it is another message",
            );
            if (whole?.body.kind !== "complete") return;
            const content = whole.body.content.toString("latin1");
            must(!/\0|(?<!\r)\n|\r(?!\n)/.test(content), "a stray CR, LF or NUL got through");
            const bare = text.slice(0, whole.used - 3).replace(/(^|\r\n)\./g, "$1");
            must(bareLf === "normalise" || content === bare, "it is not what came");
          },
        ),
        { seed, numRuns: runs },
      );
    }),
};

const commandSeeds = [
  "MAIL FROM:<news@example.jp> SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=a+2Bb",
  'RCPT TO:<"a b"@example.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@example.com',
  "MAIL FROM:<>",
  "RCPT TO:<@relay.example:taro@example.com>",
];
const commandWords = [
  "<",
  ">",
  '"',
  "\\",
  "@",
  ":",
  " ",
  "=",
  "+00",
  "+",
  ",",
  ";",
  "SIZE=",
  "NOTIFY=NEVER",
  "AUTH=<>",
  "\t",
  "\0",
  "\r",
  "\n",
  "é",
];

/** A reader says a value or a permanent no. A path that was read is read again as itself. */
export const commandTarget: FuzzTarget = {
  name: "MAIL and RCPT",
  weight: 10,
  run: ({ seed, runs }) =>
    settled(() => {
      fc.assert(
        fc.property(
          mutated(commandSeeds, commandWords),
          fc.boolean(),
          fc.boolean(),
          (line, dsn, auth) => {
            const offered = { dsn, requireTls: dsn, auth };
            for (const [read, verb] of [
              [readMail, "MAIL FROM:"],
              [readRcpt, "RCPT TO:"],
            ] as const) {
              const result = read(line, offered);
              if (result.kind === "bad") {
                must(result.reply.code >= 500, "a syntax error that is temporary");
                continue;
              }
              if (parseAddress(result.value.path).kind === "bad") continue; // Refused next, as bad-address.
              const again = read(`${verb}<${result.value.path}>`, offered);
              must(
                again.kind === "ok" && again.value.path === result.value.path,
                "the path is not read as itself",
              );
            }
          },
        ),
        { seed, numRuns: runs },
      );
    }),
};

const lines = [
  "EHLO tool.example",
  "HELO x",
  "MAIL FROM:<a@example.jp>",
  "RCPT TO:<b@example.net>",
  "NOOP",
  "RSET",
  "VRFY x",
  "EXPN x",
  "HELP",
  "AUTH PLAIN AAAA",
  "BDAT 10 LAST",
  "ETRN x",
  "MAIL FROM:<> BODY=BINARYMIME",
];

/** Each line of a client has one reply of the right form, in order, until the connection ends; nothing is stored unasked. */
export const listenerTarget: FuzzTarget = {
  name: "SMTP dialogue",
  weight: 0.2,
  run: async ({ seed, runs }) => {
    await using gateway = await startSmtpGateway();
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutated(lines, commandWords, 2).filter(isOneLine), {
          minLength: 1,
          maxLength: 20,
        }),
        async (commands) => {
          const client = await dial(gateway.port);
          await client.write(`${[...commands, "QUIT"].map((line) => `${line}\r\n`).join("")}`);
          const said = await client.untilClosed();
          client.end();
          const replies = said.match(/(?:\d{3}-[^\r\n]*\r\n)*\d{3} [^\r\n]*\r\n/g) ?? [];
          must(replies.join("") === said, `no replies: ${JSON.stringify(said)}`);
          must(
            said.split("\r\n").every((line) => line.length <= 510),
            "a line that is too long",
          );
          const last = replies.at(-1) ?? "";
          must(/^(?:221|421|5\d\d) /.test(last), `ended with ${last}`);
          must(
            last.startsWith("221")
              ? replies.length === commands.length + 1
              : replies.length <= commands.length + 1,
            "not one reply a line",
          );
          must(gateway.stores.stored.length === 0, "a message was stored that nobody sent");
        },
      ),
      { seed, numRuns: runs },
    );
  },
};

/** DATA would make what follows a body, QUIT in the middle an end. */
function isOneLine(line: string): boolean {
  return !/[\r\n]/.test(line) && line !== "" && !/^(?:DATA|QUIT|STARTTLS|AUTH)/i.test(line);
}
