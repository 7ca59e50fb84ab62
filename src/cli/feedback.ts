// sekisho feedback explain: says what returned messages are and teach, without storing anything.
import { closeSync, openSync, readSync } from "node:fs";

import type { Command } from "commander";

import { explainReturned } from "../feedback/explain.ts";
import type { ReplyClassifier } from "../feedback/reply-class.ts";
import { print, Refused, tell } from "./output.ts";
import { replyTableOf } from "./reply-classifier.ts";

export function register(program: Command): void {
  const feedback = program
    .command("feedback")
    .description("bounces, complaints and opt-outs that came back");
  feedback
    .command("explain")
    .description("say what returned messages are and teach; nothing is stored")
    .argument("<file...>", "messages as they were received (.eml)")
    .action((files: readonly string[], _options: object, command: Command) => {
      const asJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
      explainFiles(files, asJson, replyTableOf(command).classifier);
    });
}

function explainFiles(
  files: readonly string[],
  asJson: boolean,
  classifier: ReplyClassifier,
): void {
  let unreadable = 0;
  for (const file of files) {
    const content = read(file);
    if (content === undefined) {
      unreadable += 1;
      continue;
    }
    const returned = explainReturned(content, classifier);
    const recipients = returned.recipients.map((recipient) => ({
      address: recipient.address,
      status: recipient.status ?? null,
      reason: recipient.reason,
      permanent: recipient.permanent,
      diagnostic: recipient.diagnostic,
    }));
    if (asJson) print({ file, kind: returned.kind, recipients });
    else {
      process.stdout.write(`${file}: ${returned.kind}\n`);
      for (const { address, status, reason, permanent, diagnostic } of recipients) {
        const who = address === "" ? "(names nobody)" : address;
        const lasting = permanent ? ", permanent" : "";
        process.stdout.write(`  ${who}: ${reason}${lasting} ${status ?? ""}\n    ${diagnostic}\n`);
      }
    }
  }
  if (unreadable > 0) throw new Refused(`${unreadable} of ${files.length} files cannot be read`);
}

const readMaxBytes = 4 * 1024 * 1024; // more than the reader looks at

function read(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const buffer = Buffer.alloc(readMaxBytes);
    let length = 0;
    for (let count = -1; count !== 0 && length < readMaxBytes; length += Math.max(count, 0))
      count = readSync(descriptor, buffer, length, readMaxBytes - length, null);
    return buffer.subarray(0, length);
  } catch (error) {
    tell(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
