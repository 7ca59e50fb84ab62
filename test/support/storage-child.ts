// A process of its own that accepts messages without end and prints the id of each once it is durable: to be killed, or
// to run into a limit. Arguments: data directory, octets of content.
import { openStorage } from "../../src/storage/open.ts";
import { accept, settingsFor, submission } from "./storage-facts.ts";

const [folder = "", size = "100"] = process.argv.slice(2);
const storage = await openStorage(settingsFor(folder));
let failed = false;

async function client(number: number): Promise<void> {
  for (let n = 0; !failed; n += 1) {
    try {
      const id = await accept(
        storage,
        submission([`p${n}@d${number}.test`], { text: "x".repeat(Number(size)) }),
      );
      process.stdout.write(`${id}\n`);
    } catch (error) {
      failed = true;
      const kind = error instanceof Error && "kind" in error ? String(error.kind) : String(error);
      const { ok } = await storage.health();
      const readable = (await storage.queue.counts()).states.waiting;
      process.stdout.write(`failed ${kind} healthy=${ok} readable=${readable > 0}\n`);
    }
  }
}

await Promise.all([1, 2, 3, 4].map((number) => client(number)));
await storage[Symbol.asyncDispose]();
