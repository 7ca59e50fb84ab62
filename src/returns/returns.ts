// Composes what comes back: the feedback listener's reader and lessons, opt-out links, and what each copy leaves with.
import { repliesFile } from "../config/replies.ts";
import { createTokens } from "../consent/token.ts";
import { provesFrom } from "../dns/prove-from.ts";
import { createBlockAlarms } from "../feedback/block-alarms.ts";
import { createDesk } from "../feedback/desk.ts";
import { createEarlierBounces, type EarlierBounces } from "../feedback/earlier-bounces.ts";
import { createOptOutDesk, type OptOutDesk } from "../feedback/opt-out-desk.ts";
import { createOutgoing, type Outgoing } from "../feedback/outgoing.ts";
import { createPassOn } from "../feedback/pass-on.ts";
import { createFeedback, type Feedback, type RoleMailbox } from "../feedback/receive.ts";
import { createReturnPath } from "../feedback/return-path.ts";
import { createSentDirectory } from "../feedback/sent.ts";
import type { Domain } from "../mail/domain.ts";
import type { Office } from "../office.ts";
import { createReader, type Reader } from "./reader.ts";
import { openReturnDomains, type ReturnDomains } from "./return-domains.ts";

export interface Returns extends AsyncDisposable, Pick<ReturnDomains, "prepare"> {
  /** For listeners with role feedback. */
  readonly feedback: Feedback;
  /** Behind the opt-out page and its one-click POST. */
  readonly optOut: OptOutDesk;
  /** As delivery asks: return path, header fields, opt-out link, earlier failures, and where refusals of us are told. */
  readonly outgoing: Partial<Outgoing> & {
    readonly earlierBounces: EarlierBounces;
    readonly settled: ReturnType<typeof createBlockAlarms>;
  };
}

/** Asks the office for senders, streams and listeners each time: they may be others after a reload. */
export async function openReturns(office: Office): Promise<Returns> {
  const { config, storage, secrets, clock, log } = office;
  const { audit, ledger } = storage;
  const domains = await openReturnDomains(office);
  const returnPath = createReturnPath(secrets.returnPath);
  const tokens = createTokens(secrets.token);
  const known = (): readonly { readonly sender: string; readonly topic: string }[] =>
    office.streams.map((stream) => ({ sender: stream.sender.id, topic: stream.topic }));
  const raised: Parameters<typeof createBlockAlarms>[0]["raised"] = ({ detail, sender, reply }) => {
    const { what, reason, destination, domain, status = reply?.enhanced } = detail ?? {};
    // The receiver's words may name the person: they stand in the audit log, where they can be erased.
    log.error({ reason, destination, domain, status, sender }, String(what));
  };
  const desk = createDesk({ ledger, audit, raised });
  let reader: Reader | undefined; // a thread of its own, not started where nothing ever comes back
  const read: Reader["read"] = (content) => {
    reader ??= createReader(config.delivery.repliesFile ?? repliesFile, log);
    return reader.read(content);
  };
  return {
    feedback: createFeedback({
      get hosts() {
        return domains.all();
      },
      get roles() {
        return rolesOf(office, domains.all());
      },
      returnPath,
      sent: createSentDirectory(audit, () => office.streams),
      desk,
      audit,
      indexer: office.indexer,
      read,
      readToken: (token) => tokens.read(token, known()),
      ...(config.feedback.passOn ? { passOn: passOnOf(office, domains) } : {}),
      provesFrom: (mail, claim) => provesFrom(mail, claim, office.resolver),
      clock,
    }),
    optOut: createOptOutDesk({ tokens, known, desk, clock }),
    outgoing: {
      ...createOutgoing({
        returnPath,
        tokens,
        stream: (id) => office.streams.find((stream) => stream.id === id),
        mailHost: (sender) => mailHostOf(office, sender),
        ...(config.http.publicUrl === undefined ? {} : { publicUrl: config.http.publicUrl }),
        clock,
      }),
      earlierBounces: createEarlierBounces(audit),
      settled: createBlockAlarms({
        audit,
        clock,
        raised,
        lost: (cause) => {
          log.error({ err: cause }, "alarm not recorded");
        },
      }),
    },
    prepare: domains.prepare,
    [Symbol.asyncDispose]: async () => {
      await reader?.[Symbol.asyncDispose]();
    },
  };
}

/** Where a sender's copies come back to; undefined where no listener takes them. */
function mailHostOf({ config }: Office, sender: string): Domain | undefined {
  const { domain, bounceDomains } = config.feedback;
  return domain === undefined ? undefined : (bounceDomains[sender] ?? domain);
}

/** Those of the configuration, and the two that every domain with mail has (RFC 5321 §4.5.1, RFC 2142 §2). */
function rolesOf(office: Office, hosts: readonly Domain[]): readonly RoleMailbox[] {
  const usual = hosts.flatMap((host) => [
    { address: `postmaster@${host}` },
    { address: `abuse@${host}` },
  ]);
  return [...office.config.feedback.mailboxes, ...usual];
}

function passOnOf(
  office: Office,
  domains: Pick<ReturnDomains, "all">,
): ReturnType<typeof createPassOn> {
  return createPassOn({
    queue: office.storage.queue,
    indexer: office.indexer,
    domainsOf: (id) => office.senders.find((sender) => sender.id === id)?.domains ?? [],
    domains: () => office.senders.flatMap(({ domains }) => domains),
    hostname: office.config.hostname,
    language: office.config.delivery.reportLanguage,
    get hosts() {
      return domains.all();
    },
    clock: office.clock,
  });
}
