// The worker's side of reading a page: a page built to be slow ends with its thread.
import type { TimedTask } from "../intake/timed-pool.ts";
import type { LinkedPage } from "../policy/linked-page.ts";
import { readPage } from "./read-page.ts";

export function readTask(task: TimedTask & { readonly contentType: string }): LinkedPage {
  return readPage(task.content, task.contentType);
}
