// The classifier of remote replies as commands use it: the shipped table, read and checked.
import { ConfigError } from "../config/config-error.ts";
import { readReplies, repliesFile } from "../config/replies.ts";
import { createReplyClassifier, type ReplyClassifier } from "../feedback/reply-class.ts";
import { parseReplyRules } from "../feedback/reply-rules.ts";

export function loadReplyClassifier(file: string = repliesFile): ReplyClassifier {
  const rules = parseReplyRules(readReplies(file));
  if (rules.kind === "bad") {
    const remedy = "Correct the line, or restore the file from the release";
    throw new ConfigError(file, [{ path: "", problem: rules.problem, remedy }]);
  }
  return createReplyClassifier(rules.value);
}
