// sekisho consent retention: which people's records the law no longer asks to keep, and their erasure.
import { readFileSync } from "node:fs";

import type { Command } from "commander";

import { reviewRetention, type Review, type ReviewFacts } from "../audit/retention-review.ts";
import type { AddressIndex } from "../consent/address-index.ts";
import type { RecordedConsentEvent } from "../consent/event.ts";
import { pages } from "../exchange/export.ts";
import { addressArgument, knownNames, pairs, senderArgument, timeArgument } from "./arguments.ts";
import type { Pairs } from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, tell, Usage } from "./output.ts";

interface RetentionFlags {
  readonly dryRun?: boolean;
  readonly apply?: boolean;
  readonly hold?: string;
  readonly order?: Pairs;
}

const pageRows = 500;
const toldEvery = 100_000; // people between two words on how far it is: less than a minute

export function registerRetention(consent: Command): void {
  consent
    .command("retention")
    .description("people whose records the law no longer asks to keep; --apply erases them")
    .option("--dry-run", "report only (the default)")
    .option("--apply", "erase the people reported; suppressions of them go on working")
    .option("--hold <file>", "addresses under legal hold, one a line: they stay")
    .option(
      "--order <sender=time>",
      "the sender received an order (特定電子メール法 7条) then; may be repeated",
      pairs("--order"),
    )
    .action(async (flags: RetentionFlags, command: Command) => {
      if (flags.dryRun === true && flags.apply === true)
        throw new Usage("--dry-run reports and --apply erases: ask for one");
      await withOffice(command, (office) => run(office, flags));
    });
}

async function run(office: OfficeForCommand, flags: RetentionFlags): Promise<void> {
  const { ledger, audit } = office.storage;
  const held = readHold(office, flags.hold);
  const orders = readOrders(office, flags.order ?? {});
  let people = 0;
  let due = 0;
  const act = { actor: office.actor, reason: "retention: the law asks to keep it no longer" };
  await audit.append([
    {
      type: "Export",
      at: office.clock(),
      actor: office.actor,
      detail: { change: flags.apply === true ? "retention applied" : "retention reported" },
    },
  ]);
  for await (const { subject, id, address } of pages((cursor) =>
    ledger.listConsents({ limit: pageRows, ...cursor }),
  )) {
    const consents = await ledger.events(subject);
    // Each person once, at the first event of theirs; those without a record were erased before.
    if (consents[0]?.id !== id || address === undefined) continue;
    people += 1;
    if (people % toldEvery === 0) tell(`${people} people looked at, ${due} due so far`);
    const review = reviewRetention(
      {
        consents,
        lastSent: await lastSent(office, subject),
        tokusho: (sender, topic) => isTokusho(office, sender, topic),
        contractual: (sender, topic) => isContractual(office, sender, topic),
        orderReceivedAt: (sender) => orders.get(sender),
        legalHold: held.has(subject),
        maxAges: (sender) => office.senders.find(({ id }) => id === sender)?.maxAges,
      },
      office.clock(),
    );
    if (!review.isDue) continue;
    due += 1;
    print({ email: address, ...shown(review, consents) });
    if (flags.apply === true) await ledger.erase(subject, act);
  }
  tell(
    `${people} people on record; ${due} ${flags.apply === true ? "erased" : "may be erased (--apply)"}.`,
  );
}

function shown(review: Review, consents: readonly RecordedConsentEvent[]): object {
  return {
    events: consents.length,
    records: review.records.map(({ retention: { kind: _kind, ...kept }, ...record }) => ({
      ...record,
      ...kept,
    })),
  };
}

/**
 * From the log of deliveries, which is indexed by person: no second record of the same fact, and nothing to do on
 * delivery. The newest of each sender and topic counts.
 */
async function lastSent(
  { storage, streams }: OfficeForCommand,
  subject: AddressIndex,
): Promise<ReviewFacts["lastSent"]> {
  const found = new Map<string, ReviewFacts["lastSent"][number]>();
  for await (const { sender, stream, at } of pages((cursor) =>
    storage.audit.search({
      subject,
      types: ["Delivery"],
      newestFirst: true,
      limit: pageRows,
      ...cursor,
    }),
  )) {
    if (sender === undefined) continue;
    const topic = streams.find(({ id }) => id === stream)?.topic;
    const key = JSON.stringify([sender, topic]);
    if (!found.has(key)) found.set(key, { sender, topic, at });
  }
  return [...found.values()];
}

/** A sender or topic that is configured no more is taken for the longer clock: nobody can say that it was not. */
function isTokusho({ streams }: OfficeForCommand, sender: string, topic: string): boolean {
  const ofTopic = streams.filter((one) => one.sender.id === sender && one.topic === topic);
  return ofTopic.length === 0 || ofTopic.some((one) => one.rules.includes("jp-tokusho"));
}

function isContractual({ streams }: OfficeForCommand, sender: string, topic: string): boolean {
  return streams.some(
    (one) => one.sender.id === sender && one.topic === topic && one.class === "contract-incidental",
  );
}

function readHold(office: OfficeForCommand, file: string | undefined): ReadonlySet<AddressIndex> {
  if (file === undefined) return new Set();
  const lines = readFileSync(file, "utf8").split(/\r?\n/);
  return new Set(
    lines.flatMap((line, index) =>
      line.trim() === ""
        ? []
        : [office.indexer.address(addressArgument(`--hold ${file}: line ${index + 1}:`, line))],
    ),
  );
}

function readOrders(office: OfficeForCommand, given: Pairs): ReadonlyMap<string, Date> {
  const known = knownNames(office.config);
  return new Map(
    Object.entries(given).map(([sender, time]) => [
      senderArgument(sender, known, "--order"),
      timeArgument("--order", time),
    ]),
  );
}
