// Reads what the far end said of a message (Authentication-Results, RFC 8601) from the copy that arrived there.
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

import { splitMessage } from "../mail/header.ts";

const readMax = 20_000_000; // the end of an mbox; a test message is its newest
const filesMax = 200; // of a folder, newest first

/**
 * The Authentication-Results of the message with that Message-ID field, the topmost first: the last host wrote it.
 * `path` is an mbox, one message, or a folder of messages (Maildir's new/). undefined: no such message yet.
 */
export function readAuthenticationResults(
  path: string,
  messageIdField: string,
): readonly string[] | undefined {
  for (const text of messagesIn(path)) {
    const { fields } = splitMessage(Buffer.from(text.replace(/\r?\n/g, "\r\n"), "latin1"));
    const isIt = fields.some(({ key, value }) => key === "message-id" && value === messageIdField);
    if (isIt)
      return fields
        .filter(({ key }) => key === "authentication-results")
        .map(({ value }) => value.replace(/\s+/g, " "));
  }
  return undefined;
}

function messagesIn(path: string): readonly string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    return readdirSync(path)
      .map((name) => join(path, name))
      .map((file) => ({ file, stat: statSync(file, { throwIfNoEntry: false }) }))
      .filter(({ stat }) => stat?.isFile() === true)
      .toSorted((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0))
      .slice(0, filesMax)
      .map(({ file }) => readEnd(file));
  }
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return []; // The copy has not arrived yet.
  return readEnd(path)
    .split(/^From .*\r?\n/m)
    .filter((text) => text !== "")
    .toReversed();
}

function readEnd(file: string): string {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, readMax));
    const read = readSync(handle, buffer, 0, buffer.length, Math.max(size - readMax, 0));
    return buffer.toString("latin1", 0, read);
  } finally {
    closeSync(handle);
  }
}
