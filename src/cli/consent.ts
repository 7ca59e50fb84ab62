// sekisho consent: who agreed to what. Records, shows, imports, exports and erases.
import type { Command } from "commander";

import { bases, type Basis, type ConsentEvent, type Evidence } from "../consent/event.ts";
import { everyTopic } from "../exchange/consent-row.ts";
import { exportConsents } from "../exchange/export.ts";
import { consentTable } from "../exchange/tables.ts";
import type { Address } from "../mail/address.ts";
import {
  choiceArgument,
  knownNames,
  pairs,
  recordedAddressArgument,
  senderArgument,
  stopTimeArgument,
  timeArgument,
  topicArgument,
  type Pairs,
} from "./arguments.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { registerPerson } from "./person.ts";
import { recordConsent } from "./record-consent.ts";
import { registerRetention } from "./retention.ts";
import { tell, Usage } from "./output.ts";
import { addImportFlags, runExport, runImport, type ImportFlags } from "./table.ts";

interface EvidenceFlags {
  readonly method?: string;
  readonly source?: string;
  readonly wording?: string;
  readonly policyVersion?: string;
  readonly evidence?: Pairs;
}

interface AddFlags extends EvidenceFlags {
  readonly email: string;
  readonly sender: string;
  readonly topic: string;
  readonly basis: string;
  readonly at?: string;
  readonly expires?: string;
  readonly byPerson?: boolean;
}

interface WithdrawFlags extends EvidenceFlags {
  readonly email: string;
  readonly sender: string;
  readonly topic?: string;
  readonly allTopics?: boolean;
  readonly until?: string;
  readonly at?: string;
}

export function register(program: Command): void {
  const consent = program.command("consent").description("who agreed to what");
  addEvidenceFlags(
    consent
      .command("add")
      .description("record that mail may be sent, and on which basis")
      .requiredOption("--email <address>", "the person's address")
      .requiredOption("--sender <id>", "the sender it was given to")
      .requiredOption("--topic <topic>", "the topic it was given for")
      .option("--basis <basis>", `one of ${bases.join(", ")}`, "consent")
      .option("--at <time>", "when it was given (default: now)")
      .option("--expires <time>", "when it ends")
      .option(
        "--by-person",
        "the person has just done this: the only grant that lifts a withdrawal",
      ),
  ).action(async (flags: AddFlags, command: Command) => {
    await withOffice(command, async (office) => {
      await add(office, flags);
    });
  });
  addEvidenceFlags(
    consent
      .command("withdraw")
      .description("record that the person wants no more of this mail, or none until a date")
      .requiredOption("--email <address>", "the person's address")
      .requiredOption("--sender <id>", "the sender it is told to")
      .option("--topic <topic>", "the topic to stop; * is every topic")
      .option("--all-topics", "stop every topic of the sender")
      .option("--until <time>", "a pause: stop until then")
      .option("--at <time>", "when the person said so (default: now)"),
  ).action(async (flags: WithdrawFlags, command: Command) => {
    await withOffice(command, async (office) => {
      await withdraw(office, flags);
    });
  });
  registerPerson(consent);
  registerRetention(consent);
  registerTables(consent);
}

function registerTables(consent: Command): void {
  addImportFlags(
    consent
      .command("import <file>")
      .description("record the rows of a CSV file; see docs/consent.md"),
  ).action(async (file: string, flags: ImportFlags, command: Command) => {
    await withOffice(command, async (office) => {
      const { ledger } = office.storage;
      await runImport(office, file, flags, "consents", (context) => consentTable(ledger, context));
    });
  });
  consent
    .command("export")
    .description("every consent event as CSV on standard output")
    .option("--sender <id>", "of this sender only")
    .option("--approval <id>", "the request that a second person approved")
    .action(async (flags: { sender?: string; approval?: string }, command: Command) => {
      await withOffice(command, async (office) => {
        const sender =
          flags.sender === undefined
            ? undefined
            : senderArgument(flags.sender, knownNames(office.config));
        const whose = sender === undefined ? {} : { sender };
        const { approval } = flags;
        await runExport(office, "consents", exportConsents(office.storage.ledger, whose), {
          ...whose,
          ...(approval === undefined ? {} : { approval }),
        });
      });
    });
}

function addEvidenceFlags(command: Command): Command {
  return command
    .option(
      "--method <text>",
      "how: web-form, double-opt-in, paper, phone; outlives an erasure: no names",
    )
    .option(
      "--source <text>",
      "where: URL, shop, event, contract; words are erased with the person, a URL without query stays",
    )
    .option("--wording <text>", "the words that the person saw; outlive an erasure: no names")
    .option("--policy-version <text>", "version of the privacy policy shown")
    .option(
      "--evidence <key=value>",
      "any other proof, erased with the person; may be repeated",
      pairs("--evidence"),
    );
}

async function add(office: OfficeForCommand, flags: AddFlags): Promise<void> {
  const known = knownNames(office.config);
  const address = recordedAddressArgument("--email", flags.email);
  const sender = senderArgument(flags.sender, known);
  const topic = topicArgument(flags.topic, sender, known);
  const basis = choiceArgument("--basis", flags.basis, bases);
  const given = evidenceOf(flags);
  const vouched =
    basis === "consent" &&
    flags.byPerson !== true &&
    given.method === undefined &&
    given.source === undefined;
  const event: ConsentEvent = {
    kind: "granted",
    subject: office.indexer.address(address),
    sender,
    topic,
    basis,
    byPerson: flags.byPerson === true,
    at: flags.at === undefined ? office.clock() : timeArgument("--at", flags.at),
    ...(flags.expires === undefined ? {} : { expiresAt: timeArgument("--expires", flags.expires) }),
    evidence: withStatements(given, basis, vouched, office.actor),
    actor: office.actor,
  };
  await recordConsent(office, { address, event });
  if (vouched)
    tell("recorded on your word alone; --method and --source say how and where it was given");
}

async function withdraw(office: OfficeForCommand, flags: WithdrawFlags): Promise<void> {
  const known = knownNames(office.config);
  const address = recordedAddressArgument("--email", flags.email);
  const sender = senderArgument(flags.sender, known);
  if ((flags.topic === undefined) === (flags.allTopics !== true)) {
    throw new Usage("say which mail to stop: either --topic TOPIC or --all-topics");
  }
  const topic = await topicToStop(office, address, sender, flags.topic ?? everyTopic);
  const now = office.clock();
  const until = flags.until === undefined ? undefined : timeArgument("--until", flags.until, "end");
  const common = {
    subject: office.indexer.address(address),
    sender,
    topic,
    at: flags.at === undefined ? now : stopTimeArgument("--at", flags.at, now, until),
    evidence: evidenceOf(flags),
    actor: office.actor,
  };
  const event: ConsentEvent =
    until === undefined ? { ...common, kind: "withdrawn" } : { ...common, kind: "paused", until };
  await recordConsent(office, { address, event, atOnce: flags.at === undefined });
}

/** null: every topic. Of one that has left the configuration people may have their say still, as over HTTP. */
async function topicToStop(
  office: OfficeForCommand,
  address: Address,
  sender: string,
  topic: string,
): Promise<string | null> {
  if (topic === everyTopic) return null;
  const events = await office.storage.ledger.events(office.indexer.address(address));
  if (events.some((event) => event.sender === sender && event.topic === topic)) return topic;
  return topicArgument(topic, sender, knownNames(office.config));
}

function evidenceOf(flags: EvidenceFlags): Evidence {
  const { method, source, wording, policyVersion, evidence } = flags;
  return {
    ...(method === undefined ? {} : { method }),
    ...(source === undefined ? {} : { source }),
    ...(wording === undefined ? {} : { wording }),
    ...(policyVersion === undefined ? {} : { policyVersion }),
    ...(evidence === undefined ? {} : { more: evidence }),
  };
}

/**
 * What an operator states by recording one grant by hand, unless said otherwise: that the card or page bears no refusal;
 * for a consent without method and source, that the operator vouches for it. A file of many rows must say so itself.
 */
function withStatements(
  evidence: Evidence,
  basis: Basis,
  vouched: boolean,
  actor: string,
): Evidence {
  switch (basis) {
    case "written_notice":
      return { ...evidence, more: { refusal_on_card: "false", ...evidence.more } };
    case "published_address":
      return {
        ...evidence,
        more: { refusal_notice: "false", publisher: "organisation", ...evidence.more },
      };
    case "consent":
      return vouched ? { ...evidence, method: "operator-statement", source: actor } : evidence;
    case "any_notice":
    case "relationship":
    case "contract":
      return evidence;
  }
}
