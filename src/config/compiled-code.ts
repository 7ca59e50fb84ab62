// Where compiled code is kept from one start to the next. Loaded before anything else, so it imports nothing of ours.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * In the folder of the packages: what lies in a shared one for temporary files, others may have put there. NODE_COMPILE_CACHE
 * names another. Threads that begin later look for it in the environment.
 */
export function keepCompiledCode(): void {
  const folder = join(import.meta.dirname, "../../node_modules/.cache/sekisho");
  enableCompileCache(folder);
  process.env["NODE_COMPILE_CACHE"] ??= folder;
}
