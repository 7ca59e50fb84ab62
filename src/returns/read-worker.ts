// The worker's side of the reader: one returned message taken apart where a bomb can be killed.
import { parentPort, workerData } from "node:worker_threads";

import { readReturned, type Reading } from "../feedback/reading.ts";
import { createReplyClassifier } from "../feedback/reply-class.ts";
import { parseReplyRules } from "../feedback/reply-rules.ts";
import type { ReadTask } from "./reader.ts";

const rules = parseReplyRules(workerData);
if (rules.kind === "bad") throw new Error(rules.problem); // They were read once before the worker was started.
const classifier = createReplyClassifier(rules.value);

export default function readTask(task: ReadTask): Reading {
  parentPort?.postMessage(task.taskId); // The reader's clock starts here.
  return readReturned(Buffer.from(task.content), classifier);
}
