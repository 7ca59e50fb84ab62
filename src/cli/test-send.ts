// sekisho test-send: one real message through the whole path, and what the far end said to it.
import { setTimeout as sleep } from "node:timers/promises";

import type { Command } from "commander";

import type { AuditEvent } from "../audit/event.ts";
import { parseDuration } from "../config/duration.ts";
import { gatewayHosts } from "../config/gateway-hosts.ts";
import { createTokens } from "../consent/token.ts";
import { optOutLink } from "../feedback/opt-out-link.ts";
import { createIntake } from "../intake/intake.ts";
import { judgeMessage } from "../intake/judge-worker.ts";
import type { Judge } from "../intake/judge.ts";
import type { Address } from "../mail/address.ts";
import { createMessageId } from "../mail/message-id.ts";
import { formatReply } from "../mail/reply.ts";
import type { Stream } from "../policy/stream.ts";
import { createPages } from "../pages/pages.ts";
import { createToReply } from "../smtp/answer.ts";
import { addressArgument } from "./arguments.ts";
import { readAuthenticationResults } from "./mail-copy.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";
import { messageIdField, testMessage } from "./test-message.ts";

const pollMs = 200;
/** Events that end the waiting: what became of the one attempt. */
const ends = {
  Delivery: "delivered",
  TransientFailure: "deferred",
  Bounce: "failed",
  Expiration: "failed",
  Dropped: "dropped",
} as const;

interface Flags {
  readonly stream: string;
  readonly to: string;
  readonly from?: string;
  readonly wait: string;
  readonly copy?: string;
}

export function register(program: Command): void {
  program
    .command("test-send")
    .description(
      "send one real message through consent, rules, signature and delivery, and show the far end's answer; needs a running gateway",
    )
    .requiredOption("--stream <id>", "the stream it is sent by")
    .requiredOption("--to <address>", "the recipient; consent is needed as for any mail")
    .option("--from <address>", "From and MAIL FROM (default: test@ the sender's first domain)")
    .option("--wait <duration>", "how long to wait for the outcome", "60s")
    .option(
      "--copy <path>",
      "mbox, file or folder that the message arrives in: its Authentication-Results are shown",
    )
    .action(async (flags: Flags, command: Command) => {
      const waitMs = parseDuration(flags.wait);
      if (waitMs === undefined) throw new Usage(`--wait ${flags.wait} is no duration such as 60s`);
      await withOffice(command, (office) => testSend(office, flags, waitMs));
    });
}

async function testSend(office: OfficeForCommand, flags: Flags, waitMs: number): Promise<void> {
  const { clock } = office;
  const stream = office.streams.find(({ id }) => id === flags.stream);
  if (stream === undefined) {
    const known = office.streams.map(({ id }) => id).join(", ");
    throw new Usage(`--stream ${flags.stream} is not in the configuration; allowed: ${known}`);
  }
  const to = addressArgument("--to", flags.to);
  const from = addressArgument("--from", flags.from ?? `test@${stream.sender.domains[0] ?? ""}`);
  const messageId = createMessageId(clock());
  const optOutUrl = optOutOf(office, stream, to, messageId);
  const content = testMessage({
    stream,
    from,
    to,
    messageId,
    now: clock(),
    ...(optOutUrl === undefined ? {} : { optOutUrl }),
  });
  await submit(office, { stream, from, to, messageId, content });
  const until = performance.now() + waitMs;
  const end = await outcomeOf(office, messageId, until);
  const results =
    flags.copy === undefined || end?.type !== "Delivery"
      ? undefined
      : await resultsOf(flags.copy, messageIdField(messageId, from), until);
  print(describe(messageId, end, results));
  tell(inWords(end));
  if (end?.type !== "Delivery") throw new Refused("");
  if (flags.copy !== undefined && results === undefined)
    throw new Refused(`the copy did not arrive in ${flags.copy} in time`);
}

/** By the gateway's own intake, in this process: the same looks at consent and content, the same queue. */
async function submit(
  office: OfficeForCommand,
  mail: {
    readonly stream: Stream;
    readonly from: Address;
    readonly to: Address;
    readonly messageId: string;
    readonly content: Buffer;
  },
): Promise<void> {
  const { config, storage } = office;
  const { publicUrl } = config.http;
  // Here and now: the message is our own, and a pool of workers would not be worth its start.
  const judge: Judge = {
    judge: (message, facts) => Promise.resolve(judgeMessage(message, facts)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const { pages: settings } = config;
  await using pages = createPages({ settings, resolver: office.resolver, log: office.log });
  await using intake = createIntake({
    ...storage,
    pages,
    streams: office.streams,
    indexer: office.indexer,
    clock: office.clock,
    limits: { recipientsMax: 1, queuedRecipientsMax: 10_000_000, queuedBytesMax: 20_000_000_000 },
    messagesPerMinute: new Map(),
    judge,
    log: office.log,
    hostname: config.hostname,
    gatewayHosts: gatewayHosts(config),
    deduplicate: false,
    toReply: createToReply(publicUrl),
  });
  const { from, ...rest } = mail;
  const answer = await intake.submit({
    ...rest,
    mailFrom: from,
    actor: office.actor,
    remoteAddress: "127.0.0.1",
  });
  if (answer.kind === "accepted") return;
  const reply = formatReply(createToReply(publicUrl)(answer));
  const reason = answer.kind === "refused" || answer.kind === "held" ? answer.no.reason : null;
  print({ messageId: mail.messageId, outcome: answer.kind, reason, reply });
  throw new Refused(reply);
}

/** A link that works: the gateway's own page for this recipient, else a registered host of the sender's. */
function optOutOf(
  { config, secrets, indexer }: OfficeForCommand,
  stream: Stream,
  to: Address,
  messageId: string,
): string | undefined {
  const { publicUrl } = config.http;
  if (publicUrl !== undefined) {
    const about = { subject: indexer.address(to), sender: stream.sender.id, topic: stream.topic };
    return optOutLink(publicUrl, createTokens(secrets.token).issue({ ...about, messageId }));
  }
  const host = stream.sender.legal.optOutHosts[0];
  return host === undefined ? undefined : `https://${host}/`;
}

/** undefined: it still waits. */
async function outcomeOf(
  { storage }: OfficeForCommand,
  messageId: string,
  until: number,
): Promise<AuditEvent | undefined> {
  const types = Object.keys(ends) as readonly (keyof typeof ends)[]; // Object.keys forgets the keys' type.
  for (;;) {
    const { items } = await storage.audit.search({ messageId, types, limit: 1 });
    if (items[0] !== undefined || performance.now() >= until) return items[0];
    await sleep(pollMs);
  }
}

async function resultsOf(
  copy: string,
  messageId: string,
  until: number,
): Promise<readonly string[] | undefined> {
  for (;;) {
    const results = readAuthenticationResults(copy, messageId);
    if (results !== undefined || performance.now() >= until) return results;
    await sleep(pollMs);
  }
}

function describe(
  messageId: string,
  end: AuditEvent | undefined,
  results: readonly string[] | undefined,
): object {
  const detail = end?.detail ?? {};
  const tls = Object.entries(detail).filter(([name]) => /^(?:tls|certificate)/.test(name));
  return {
    messageId,
    outcome: end === undefined ? "waiting" : outcomeName(end),
    reason: end?.reason ?? null,
    reply: end?.reply === undefined ? null : formatReply(end.reply),
    remoteHost: detail["remoteHost"] ?? null,
    tls: Object.fromEntries(tls),
    dkimKeys: detail["dkimKeys"] ?? [],
    ...(results === undefined ? {} : { authenticationResults: results }),
  };
}

function outcomeName({ type }: AuditEvent): string {
  return Object.entries(ends).find(([name]) => name === type)?.[1] ?? type;
}

function inWords(end: AuditEvent | undefined): string {
  if (end === undefined)
    return "it still waits in the queue: is the gateway running? See sekisho queue list";
  const reply = end.reply === undefined ? "" : `: ${formatReply(end.reply)}`;
  return `${outcomeName(end)}${reply}`;
}
