// Queues messages over destinations in a seeded order, as many clients would: durable, several commits' worth at once.
import { createMessageId } from "../../src/mail/message-id.ts";
import type { QueueStore } from "../../src/queue/store.ts";
import { toAddress } from "../../test/support/delivery-office.ts";
import { indexer } from "../../test/support/storage-facts.ts";

const acceptedAtOnce = 500;

/** `destinations[i]` is where the i-th message goes. `progress` is told of each step. */
export async function fill(
  queue: Pick<QueueStore, "accept">,
  destinations: readonly string[],
  progress: (queued: number) => void,
): Promise<void> {
  for (let next = 0; next < destinations.length; next += acceptedAtOnce) {
    const some = destinations.slice(next, next + acceptedAtOnce);
    await Promise.all(some.map((domain, offset) => accept(queue, `u${next + offset}@${domain}`)));
    progress(next + some.length);
  }
}

async function accept(queue: Pick<QueueStore, "accept">, text: string): Promise<void> {
  const address = toAddress(text);
  const now = new Date();
  const messageId = createMessageId(now);
  await queue.accept(
    {
      messageId,
      stream: "newsletter",
      sender: "sample",
      envelope: { mailFrom: toAddress("b@example.jp"), eightBit: false, smtpUtf8: false },
      content: Buffer.from(
        `From: <news@example.jp>\r\nMessage-ID: <${messageId}@example.jp>\r\n` +
          "Date: Wed, 25 Nov 2026 09:00:00 +0900\r\nSubject: Hello\r\n\r\nHello.\r\n",
      ),
      fromDomain: toAddress("a@example.jp").domain,
      receivedAt: now,
      trace: { helo: "ma.example.jp", protocol: "ESMTPSA" },
    },
    [
      {
        recipientId: `${messageId}-1`,
        address,
        subject: indexer.address(address),
        destination: address.domain,
      },
    ],
    [],
  );
}
