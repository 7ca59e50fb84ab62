#!/usr/bin/env node
// argv → one command of cli/; exit codes; nothing else.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

process.umask(0o077); // Whatever is written, by libraries too, is for its owner alone.
// Types are stripped and code compiled once a release, not at each start. In the folder of the packages: what lies in a shared one for
// temporary files, others may have put there. Threads look for their own in the environment.
const compiled = join(import.meta.dirname, "../node_modules/.cache/sekisho");
enableCompileCache(compiled);
// oxlint-disable-next-line node/no-process-env -- for threads, not for us; config/ may not be loaded before the cache is there
process.env["NODE_COMPILE_CACHE"] ??= compiled;
const { run } = await import("./cli/program.ts");
process.exitCode = await run(process.argv.slice(2));
