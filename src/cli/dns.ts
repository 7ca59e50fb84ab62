// sekisho dns: the records that senders need, and what receivers see of them now.
import type { Command } from "commander";

import { checkDns } from "../dns/check.ts";
import { checklist } from "../dns/checklist.ts";
import { describeFinding } from "../dns/finding.ts";
import { gatewayRecords, senderRecords, type NeededRecord } from "../dns/records.ts";
import type { Domain } from "../mail/domain.ts";
import { checkParts, ownSourceAddresses, returnPathOf } from "../domain-care.ts";
import { knownNames, languageArgument, senderArgument } from "./arguments.ts";
import { renderChecklist, renderFindings, renderRecords, type Look } from "./dns-report.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, tell } from "./output.ts";

interface Flags {
  readonly sender?: string;
  readonly lang?: string;
  readonly checklist?: boolean;
}

export function register(program: Command): void {
  const dns = program.command("dns").description("what receivers look up about senders");
  withFlags(dns.command("records"))
    .description("every record that a sender needs, ready to paste")
    .action(async (flags: Flags, command: Command) => {
      await withOffice(command, async (office) => {
        const sender = senderOf(office, flags);
        const records = await neededRecords(office, sender);
        await tellLacks(office, sender);
        if (!asJson(command)) process.stdout.write(renderRecords(records, lookOf(flags)));
        else
          for (const { purpose, sender = null, ...record } of records)
            print({ sender, ...record, purpose: purpose[lookOf(flags).language] });
      });
    });
  withFlags(dns.command("check"))
    .description("judge what is in DNS; exit with 1 where mail would be refused or nobody answered")
    .option("--checklist", "what each sender still lacks before its first campaign")
    .action(async (flags: Flags, command: Command) => {
      await withOffice(command, (office) => check(office, flags, asJson(command)));
    });
}

function withFlags(command: Command): Command {
  return command
    .option("--sender <id>", "of this sender only")
    .option("--lang <ja|en>", "language of texts (default: that of the terminal)");
}

async function check(office: OfficeForCommand, flags: Flags, json: boolean): Promise<void> {
  const sender = senderOf(office, flags);
  const look = lookOf(flags);
  const parts = checkParts(office);
  try {
    const report = await checkDns(parts, sender);
    if (flags.checklist === true) {
      await printChecklists(office, report, { sender, look, json });
      return;
    }
    if (json) for (const finding of report.findings) print(describeFinding(finding, look.language));
    else process.stdout.write(renderFindings(report.findings, look));
    const broken = report.findings.some(
      ({ outcome }) => outcome === "fail" || outcome === "unknown",
    );
    if (broken) throw new Refused("");
  } finally {
    parts.resolver.close();
  }
}

async function printChecklists(
  office: OfficeForCommand,
  report: Awaited<ReturnType<typeof checkDns>>,
  how: { readonly sender: string | undefined; readonly look: Look; readonly json: boolean },
): Promise<void> {
  const { config, storage } = office;
  const credentials = (await storage.credentials.list()).filter(
    ({ revokedAt }) => revokedAt === undefined,
  );
  let ready = true;
  for (const { id, legal } of config.senders) {
    if (how.sender !== undefined && id !== how.sender) continue;
    const streams = config.streams
      .filter((stream) => stream.sender.id === id)
      .map((each) => each.id);
    const list = checklist({
      sender: id,
      report,
      hasAddress: legal.addresses.length > 0,
      hasContact: legal.contacts.length > 0,
      hasCredential:
        credentials.some(({ stream }) => streams.includes(stream)) ||
        config.smtp.listeners.some(
          ({ stream }) => stream !== undefined && streams.includes(stream),
        ),
      hasPublicUrl: config.http.publicUrl?.startsWith("https://") === true,
      hasFeedback: config.smtp.listeners.some(({ role }) => role === "feedback"),
    });
    ready &&= list.ready;
    if (how.json) {
      const items = list.items.map((item) => ({ ...item, title: item.title[how.look.language] }));
      print({ ...list, items });
    } else process.stdout.write(renderChecklist(list, how.look));
  }
  if (!ready) throw new Refused("");
}

async function neededRecords(
  office: OfficeForCommand,
  sender: string | undefined,
): Promise<readonly NeededRecord[]> {
  const { config, storage } = office;
  const facts = {
    hostname: config.hostname,
    addresses: ownSourceAddresses(office),
    keys: await storage.keys.list(),
    ...returnPathOf(office),
  };
  return [
    ...gatewayRecords(facts),
    ...config.senders
      .filter(({ id }) => sender === undefined || id === sender)
      .flatMap((each) => senderRecords(each, facts)),
  ];
}

/** What the records are incomplete for: no address to name, a domain without a key. */
async function tellLacks(office: OfficeForCommand, sender: string | undefined): Promise<void> {
  if (ownSourceAddresses(office).length === 0)
    tell(
      "no public address of this machine is known: name those that mail leaves from in dns.source_addresses; until then A and PTR are left out, and SPF has a gap",
    );
  const keys = await office.storage.keys.list();
  const signs = (domain: Domain): boolean =>
    keys.some((key) => key.domain === domain && key.algorithm === "rsa" && key.state !== "retired");
  for (const { id, domains } of office.config.senders) {
    if (sender !== undefined && id !== sender) continue;
    const signing = domains.filter(signs);
    for (const domain of domains)
      if (!signing.some((each) => `.${domain}`.endsWith(`.${each}`)))
        tell(
          `${domain} has no signing key yet, so its DKIM record is left out: sekisho keys create --domain ${domain} makes one, as does the gateway's start`,
        );
  }
}

function senderOf({ config }: OfficeForCommand, flags: Flags): string | undefined {
  return flags.sender === undefined ? undefined : senderArgument(flags.sender, knownNames(config));
}

function lookOf(flags: Flags): Look {
  return { language: languageArgument(flags.lang), colour: process.stdout.isTTY };
}

function asJson(command: Command): boolean {
  return command.optsWithGlobals<{ readonly json?: boolean }>().json === true;
}
