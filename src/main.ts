#!/usr/bin/env node
// argv → one command of cli/; exit codes; nothing else.
import { run } from "./cli/program.ts";

process.exitCode = await run(process.argv.slice(2));
