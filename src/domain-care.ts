// Composes what looks after the senders' domains: the DNS check-up with its holds, and the turning of keys.
import { networkInterfaces } from "node:os";

import type { AuditDraft } from "./audit/event.ts";
import type { Delivery } from "./delivery/worker.ts";
import { turnKeys } from "./dkim/turn.ts";
import type { CheckParts } from "./dns/check.ts";
import { checkDns } from "./dns/check.ts";
import { repeat, type Timers } from "./dns/repeat.ts";
import { createResolver } from "./dns/resolver.ts";
import { sourceAddresses } from "./dns/source-addresses.ts";
import { createDnsWatch, type DnsWatch, type WatchChange } from "./dns/watch.ts";
import type { Domain } from "./mail/domain.ts";
import type { Office } from "./office.ts";

const keyTurnMs = 60_000; // a record published a minute ago is seen; one question a waiting key
const mendingMs = 300_000; // while something fails it is looked at more often: a mended sender should not wait an hour
const pausedBy = "dns"; // apart from what operators pause and freeze
const firstLookMaxMs = 10_000; // the listeners wait no longer for silent name servers

export interface DomainCare extends DnsWatch, AsyncDisposable {
  /** For a checklist: some listener takes bounces and complaints in. */
  readonly hasFeedback: boolean;
  /** For /readyz: which senders' mail receivers would refuse. Other senders' mail is not stopped by it. */
  readonly readiness: () => {
    readonly name: string;
    readonly ok: boolean;
    readonly detail?: string;
  };
  /** One round over the keys, as the schedule does each minute. Never rejects. */
  readonly turnKeys: () => Promise<void>;
  /** Senders came or went by a reload: new ones are looked at before their mail leaves. Never rejects. */
  readonly follow: () => Promise<void>;
}

/** What a check-up needs, with a resolver of its own: it forgets all answers before each look, delivery need not. */
export function checkParts(office: Office): CheckParts {
  const { config, storage, clock } = office;
  return {
    resolver: createResolver({ servers: config.dns.servers, timeoutMs: config.dns.timeoutMs }),
    keys: storage.keys,
    get senders() {
      return office.config.senders;
    },
    hostname: config.hostname.toLowerCase(),
    addresses: ownSourceAddresses(office),
    requirePublished: config.dkim.requirePublished,
    clock,
    ...returnPathOf(office),
  };
}

/** Where copies come back to, as returns/ issues it; without a feedback listener to the client's own MAIL FROM. */
export function returnPathOf(office: Pick<Office, "config">): {
  readonly returnPath?: (sender: string) => Domain;
} {
  const { domain } = office.config.feedback;
  return domain === undefined
    ? {}
    : { returnPath: (sender: string) => office.config.feedback.bounceDomains[sender] ?? domain };
}

/** As configured, else the public ones of this machine where mail leaves from here and not from a smarthost. */
export function ownSourceAddresses({ config }: Pick<Office, "config">): readonly string[] {
  const direct = config.delivery.routes.some(({ via }) => via.kind === "mx");
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return sourceAddresses(
    config.dns.sourceAddresses,
    direct ? own.map(({ address }) => address) : [],
  );
}

/** Resolves after the first look where a hold may come of it, so that no mail slips in before. */
export async function startDomainCare(
  office: Office,
  delivery: Pick<Delivery, "pause" | "resume">,
  timers?: Timers,
): Promise<DomainCare> {
  const { config, log } = office;
  const { onFailure, checkEveryMs } = config.dns;
  await using stack = new AsyncDisposableStack();
  const parts = checkParts(office);
  stack.defer(() => {
    parts.resolver.close();
  });
  const pending = new Set<Promise<void>>();
  stack.defer(async () => {
    await Promise.all(pending);
  });
  const watch = createDnsWatch({
    check: () => checkDns(parts),
    get senders() {
      return idsOf(office);
    },
    onFailure: onFailure === "hold" ? "hold" : "warn",
    onChange: (change) => {
      const noting = react(change, office, delivery).finally(() => {
        pending.delete(noting);
      });
      pending.add(noting);
    },
    onError: (cause) => {
      log.error({ err: cause }, "DNS check-up failed");
    },
  });
  const keys = (): Promise<void> => turnAll(office, parts);
  stack.use(repeat(keys, () => keyTurnMs, timers));
  const door = createDoor(office, delivery, watch);
  if (onFailure !== "off") {
    const first = Promise.withResolvers<void>();
    const turn = (): Promise<void> => door.look().finally(first.resolve);
    const pause = (): number =>
      watch.failing().size > 0 ? Math.min(mendingMs, checkEveryMs) : checkEveryMs;
    stack.use(repeat(turn, pause, timers));
    await door.admit(idsOf(office), first.promise);
  }
  const owned = stack.move();
  return {
    ...watch,
    get hasFeedback() {
      return office.config.smtp.listeners.some(({ role }) => role === "feedback");
    },
    readiness: () => {
      const senders = [...watch.failing().keys()];
      const what = onFailure === "hold" ? "is held" : "would be refused by receivers";
      return senders.length === 0
        ? { name: "dns", ok: true }
        : { name: "dns", ok: false, detail: `mail of ${senders.join(", ")} ${what}` };
    },
    turnKeys: keys,
    follow: door.follow,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Who of the senders may send already: under `hold`, nothing of a sender leaves before the first look at it. */
function createDoor(
  office: Office,
  delivery: Pick<Delivery, "pause" | "resume">,
  watch: DnsWatch,
): {
  readonly look: () => Promise<void>;
  readonly admit: (senders: readonly string[], look: Promise<void>) => Promise<void>;
  readonly follow: () => Promise<void>;
} {
  const { onFailure } = office.config.dns;
  let known = idsOf(office);
  const look = async (): Promise<void> => {
    if (known.length > 0) await watch.look();
  };
  const admit = async (senders: readonly string[], first: Promise<void>): Promise<void> => {
    if (onFailure !== "hold") return;
    for (const name of senders) delivery.pause({ kind: "sender", name }, pausedBy);
    await Promise.race([first, after(firstLookMaxMs)]);
    for (const name of senders)
      if (watch.holds(name) === undefined) delivery.resume({ kind: "sender", name }, pausedBy);
  };
  const follow = async (): Promise<void> => {
    const before = known;
    known = idsOf(office);
    for (const name of before)
      if (!known.includes(name)) delivery.resume({ kind: "sender", name }, pausedBy);
    const added = known.filter((name) => !before.includes(name));
    // Twice: a look that was under way may have begun before the new ones were there.
    if (onFailure !== "off" && added.length > 0) await admit(added, look().then(look));
  };
  return { look, admit, follow };
}

function idsOf(office: Office): readonly string[] {
  return office.senders.map(({ id }) => id);
}

/** Holds or releases, tells the log, and leaves a record. Never rejects. */
async function react(
  { sender, failing, held }: WatchChange,
  { log, storage, clock }: Office,
  delivery: Pick<Delivery, "pause" | "resume">,
): Promise<void> {
  if (held) delivery.pause({ kind: "sender", name: sender }, pausedBy);
  else delivery.resume({ kind: "sender", name: sender }, pausedBy);
  const mended = failing.length === 0;
  if (mended) log.info({ sender }, "DNS is mended: the sender's mail goes out");
  else if (held) log.error({ sender, failing }, "DNS is broken: the sender's mail is held");
  else log.warn({ sender, failing }, "DNS is broken: receivers will refuse the sender's mail");
  const event: AuditDraft = {
    type: mended ? "Operation" : "Alarm",
    at: clock(),
    actor: "gateway",
    sender,
    detail: {
      change: mended ? "dns-mended" : held ? "dns-hold" : "dns-broken",
      failing: failing.slice(0, failingMax),
    },
  };
  try {
    await storage.audit.append([event]);
  } catch (cause) {
    log.error({ err: cause }, "DNS event not recorded");
  }
}

const failingMax = 50; // names in one event

async function turnAll(office: Office, parts: CheckParts): Promise<void> {
  const { config, storage, log, clock } = office;
  const { requirePublished, retireAfterMs, rotateEveryMs } = config.dkim;
  try {
    parts.resolver.forget(); // "No such record" is an hour old in some caches; a record just published is to be seen.
    const turns = await turnKeys(
      {
        keys: storage.keys,
        resolver: parts.resolver,
        requirePublished,
        retireAfterMs,
        ...(rotateEveryMs === undefined ? {} : { rotateEveryMs }),
        domains: config.senders.flatMap(({ domains }) => domains),
      },
      { actor: "gateway", at: clock() },
    );
    for (const { kind, key } of turns) {
      const fields = { domain: key.domain, selector: key.selector, state: key.state };
      if (kind === "changed") log.info(fields, "DKIM key changed its state");
      else log.warn({ ...fields, record: key.record }, "DKIM key made; publish its record");
    }
  } catch (cause) {
    log.error({ err: cause }, "DKIM keys not looked at");
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
