// The worker's side of the reader: one returned message taken apart where a bomb can be killed.
import { statSync } from "node:fs";
import { workerData } from "node:worker_threads";

import { readReplies } from "../config/replies.ts";
import { readReturned, type Reading } from "../feedback/reading.ts";
import { createReplyClassifier, type ReplyClassifier } from "../feedback/reply-class.ts";
import { parseReplyRules } from "../feedback/reply-rules.ts";
import type { TimedTask } from "../intake/timed-pool.ts";

const file = String(workerData);
let classifier = load();
let seen = changedAt();

export function readTask(task: TimedTask): Reading {
  follow();
  return readReturned(task.content, classifier);
}

/** Takes up a table that was changed; a bad one is told by delivery, which reads the same file, and the old one stays. */
function follow(): void {
  const now = changedAt();
  if (now === seen) return;
  seen = now;
  try {
    classifier = load();
  } catch {
    // As above.
  }
}

function load(): ReplyClassifier {
  const rules = parseReplyRules(readReplies(file));
  if (rules.kind === "bad") throw new Error(rules.problem);
  return createReplyClassifier(rules.value);
}

function changedAt(): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
