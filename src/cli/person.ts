// sekisho consent show and erase: what is on record of one address, for operator, person and inspector.
import type { Command } from "commander";

import { disclose, disclosurePage, type HeldFacts } from "../audit/disclosure.ts";
import { evidencePage } from "../audit/evidence-page.ts";
import type { AddressIndex } from "../consent/address-index.ts";
import type { RecordedConsentEvent } from "../consent/event.ts";
import type { Page } from "../consent/ledger.ts";
import { shown, standing, type ShownStanding } from "../consent/standing.ts";
import type { Address } from "../mail/address.ts";
import { addressArgument, knownNames } from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, Usage } from "./output.ts";

interface ShowFlags {
  readonly disclosure?: boolean;
  readonly evidence?: boolean;
  readonly page?: boolean;
}

export function registerPerson(consent: Command): void {
  consent
    .command("show <address>")
    .description("all that is on record of one address: its standings, and the events behind them")
    .option("--disclosure", "everything that is held, for the person (JSON; with --page: HTML)")
    .option("--evidence", "the consents with the hashes that prove them, for an inspector (HTML)")
    .option("--page", "with --disclosure: a page to read")
    .action(async (text: string, flags: ShowFlags, command: Command) => {
      if (flags.disclosure === true && flags.evidence === true)
        throw new Usage("--disclosure and --evidence are two documents: ask for one");
      if (flags.page === true && flags.disclosure !== true)
        throw new Usage("--page goes with --disclosure");
      await withOffice(command, async (office) => {
        const address = addressArgument("address", text);
        if (flags.disclosure === true) await showDisclosure(office, address, flags.page === true);
        else if (flags.evidence === true) await showEvidence(office, address);
        else await show(office, address);
      });
    });
  consent
    .command("erase <address>")
    .description(
      "forget a person: no readable trace remains, suppressions go on working, and no mail that needs a basis passes until the person's own new act",
    )
    .option("--yes", "it cannot be undone, and is meant")
    .option("--reason <text>", "why, for the audit log; without the address or name")
    .action(async (text: string, flags: { yes?: true; reason?: string }, command: Command) => {
      const address = addressArgument("address", text);
      if (flags.yes !== true) throw new Usage("erasing cannot be undone; add --yes to do it");
      await withOffice(command, async ({ indexer, storage, actor }) => {
        const reason = flags.reason === undefined ? {} : { reason: flags.reason };
        const subject = indexer.address(address);
        print({
          email: address.text,
          ...(await storage.ledger.erase(subject, { actor, ...reason })),
        });
      });
    });
}

async function show(office: OfficeForCommand, address: Address): Promise<void> {
  const subject = office.indexer.address(address);
  const events = await office.storage.ledger.events(subject);
  if (events.length > 0) await logReading(office, subject, "person");
  print({
    email: address.text,
    standings: standingsOf(office, events).map(
      ({ sender, topic, standing: { kind, ...rest } }) => ({
        sender,
        topic,
        standing: kind,
        ...rest,
      }),
    ),
    events: events.map(({ subject: _subject, ...event }) => event),
  });
}

async function showDisclosure(
  office: OfficeForCommand,
  address: Address,
  asPage: boolean,
): Promise<void> {
  const { storage, indexer } = office;
  const { ledger, audit } = storage;
  const subject = indexer.address(address);
  const consents = await ledger.events(subject);
  const requests = await Promise.all(
    office.senders.map(async ({ id }) => {
      const request = await ledger.consentRequest(subject, id);
      return request === undefined ? [] : [{ sender: id, ...request }];
    }),
  );
  const ofDomain = indexer.domain(address.domain);
  const facts: HeldFacts = {
    email: address.text,
    at: office.clock(),
    senderNames: namesOf(office),
    addressHeld:
      (await ledger.addressOf(subject)) !== undefined ||
      requests.flat().some((request) => request.address !== undefined),
    standings: standingsOf(office, consents),
    consents,
    requests: requests.flat(),
    suppressions: [
      ...(await all((cursor) => ledger.listSuppressions({ subject, limit, ...cursor }))),
      ...(await all((cursor) => ledger.listSuppressions({ subject: ofDomain, limit, ...cursor }))),
    ],
    events: await all((cursor) => audit.search({ subject, limit, ...cursor })),
  };
  await logReading(office, subject, "disclosure");
  if (asPage) process.stdout.write(disclosurePage(facts));
  else print(disclose(facts));
}

async function showEvidence(office: OfficeForCommand, address: Address): Promise<void> {
  const { ledger, audit } = office.storage;
  const subject = office.indexer.address(address);
  const consents = await ledger.events(subject);
  if (consents.length === 0) throw new Refused(`no consent is on record of ${address.text}`);
  await logReading(office, subject, "evidence");
  const sequences = [...new Set(consents.map((event) => event.auditSequence))];
  const proofs = await audit.proofs(sequences);
  const verification = await audit.verify();
  process.stdout.write(
    evidencePage({
      email: address.text,
      at: office.clock(),
      senderNames: namesOf(office),
      standings: standingsOf(office, consents),
      consents,
      proofs: new Map(proofs.map((proof) => [proof.sequence, proof])),
      head: verification.kind === "intact" ? verification.heads[0] : undefined,
    }),
  );
  if (verification.kind === "broken") throw new Refused(verification.problem);
}

function namesOf({ senders }: OfficeForCommand): ReadonlyMap<string, string> {
  return new Map(senders.map(({ id, legal }) => [id, legal.names[0] ?? id]));
}

const limit = 500; // of one page of a list

async function all<T>(
  fetch: (cursor: { readonly cursor?: string }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await fetch(cursor === undefined ? {} : { cursor });
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

/** One for each sender and topic that has events; a stop of every topic stands for each that is configured. */
function standingsOf(
  office: OfficeForCommand,
  events: readonly RecordedConsentEvent[],
): readonly {
  readonly sender: string;
  readonly topic: string;
  readonly standing: ShownStanding;
}[] {
  const now = office.clock();
  return [...new Set(events.map((event) => event.sender))].flatMap((sender) => {
    const ofSender = events.filter((event) => event.sender === sender);
    const configured = knownNames(office.config).senders.find(({ id }) => id === sender)?.topics;
    const named = ofSender.map((event) => event.topic).filter((topic) => topic !== null);
    const wide = ofSender.some((event) => event.topic === null) ? (configured ?? []) : [];
    return [...new Set([...named, ...wide])].map((topic) => ({
      sender,
      topic,
      standing: shown(
        standing(ofSender, topic, now, office.senders.find(({ id }) => id === sender)?.maxAges),
      ),
    }));
  });
}

/** Who looked at whose record is itself on record; looking up an unknown address tells nothing of anybody. */
async function logReading(
  office: OfficeForCommand,
  subject: AddressIndex,
  change: string,
): Promise<void> {
  await office.storage.audit.append([
    { type: "Export", at: office.clock(), actor: office.actor, subject, detail: { change } },
  ]);
}
