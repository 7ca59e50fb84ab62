// The classifier of remote replies as commands use it: the table that the configuration names, or the shipped one.
import { existsSync } from "node:fs";

import type { Command } from "commander";

import { ConfigError } from "../config/config-error.ts";
import { readReplies, repliesFile } from "../config/replies.ts";
import { createReplyClassifier, type ReplyClassifier } from "../feedback/reply-class.ts";
import { parseReplyRules } from "../feedback/reply-rules.ts";
import { configFile, configOf } from "./office.ts";

/** Throws ConfigError where the table is not good. */
export function loadReplyClassifier(file: string = repliesFile): ReplyClassifier {
  const rules = parseReplyRules(readReplies(file));
  if (rules.kind === "bad") {
    const remedy = "Correct the line, or restore the file from the release";
    throw new ConfigError(file, [{ path: "", problem: rules.problem, remedy }]);
  }
  return createReplyClassifier(rules.value);
}

/**
 * The table that a gateway of this configuration goes by. Without `--config`, and with no configuration at the usual place,
 * the shipped one: replies can be looked up before anything is set up. Throws ConfigError.
 */
export function replyTableOf(command: Command): {
  readonly file: string;
  readonly classifier: ReplyClassifier;
} {
  const isNamed = command.optsWithGlobals<{ readonly config?: string }>().config !== undefined;
  const file =
    isNamed || existsSync(configFile(command))
      ? (configOf(command).delivery.repliesFile ?? repliesFile)
      : repliesFile;
  return { file, classifier: loadReplyClassifier(file) };
}
