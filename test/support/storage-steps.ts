// A process of its own that takes one step of storage after the other and prints its name once it is durable: to be killed
// at a system call. Argument: data directory.
import { openStorage } from "../../src/storage/open.ts";
import { accept, granted, noon, settingsFor, submission } from "./storage-facts.ts";

const [folder = ""] = process.argv.slice(2);
const done = (what: string): void => {
  process.stdout.write(`${what}\n`);
};
const storage = await openStorage(settingsFor(folder));
const { queue, ledger } = storage;
done("open");
await ledger.recordConsents([granted("taro@example.jp")]);
done("consent");
done(`accepted ${await accept(storage, submission(["taro@example.jp", "hanako@example.jp"]))}`);
done(
  `accepted ${await accept(storage, submission(["jiro@example.jp"], { text: "x".repeat(20_000) }))}`,
);
const leases = await queue.lease({ owner: "gateway", now: noon(1), leaseUntil: noon(2), limit: 2 });
done("leased");
for (const { recipientId, messageId } of leases) {
  await queue.settle("gateway", [
    {
      kind: "delivered",
      recipientId,
      reply: { code: 250, text: "queued" },
      event: { type: "Delivery", at: noon(1), messageId, recipientId },
    },
  ]);
  done(`settled ${recipientId}`);
}
await storage[Symbol.asyncDispose]();
done("closed");
