// Shows the main job on real SMTP: a real client, the gateway, a real receiving server with STARTTLS, each decision once.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Config } from "../config/config.ts";
import type { Office } from "../office.ts";
import { parseAddress, type Address } from "../mail/address.ts";
import type { RecipientState } from "../queue/store.ts";
import { createClient, type Client } from "./client.ts";
import { newsletter } from "./messages.ts";
import type { ReceivedMail, Receiver } from "./receiver.ts";
import { countSignatures } from "./signatures.ts";

/** What the demonstration needs of the gateway: it is started elsewhere, with the demonstration's configuration. */
export interface Stage {
  readonly office: Office;
  readonly submissionPort: number;
  readonly receiver: Receiver;
  readonly credentials: Readonly<
    Record<"newsletter" | "campaign", { readonly username: string; readonly password: string }>
  >;
  readonly tell: (line: string) => void;
}

interface Scene {
  readonly title: string;
  readonly client: Client;
  readonly to: string;
  readonly message: Buffer;
  /** How the gateway's reply must begin, behind the code. */
  readonly expected: RegExp;
}

const deliveryWaitMs = 20_000;

/** Runs every scene and the balance; resolves to whether all was as it should be. */
export async function runDemonstration(stage: Stage): Promise<boolean> {
  const { office, tell } = stage;
  await prepareLedger(office);
  const newsletterClient = createClient(stage.submissionPort, stage.credentials.newsletter);
  const campaignClient = createClient(stage.submissionPort, stage.credentials.campaign);
  const scenes = makeScenes(newsletterClient, campaignClient);
  let good = true;
  for (const [index, scene] of scenes.entries()) {
    tell(`\n${index + 1}. ${scene.title}`);
    const reply = await scene.client.send({
      from: "news@example.jp",
      to: scene.to,
      raw: scene.message,
    });
    const fits = scene.expected.test(reply);
    good &&= fits;
    tell(`   ${fits ? "✓" : "✗"} ${reply}`);
    if (!fits) tell(`     expected ${String(scene.expected)}`);
  }
  good = (await releaseHeld(stage)) && good;
  await Promise.all([newsletterClient.close(), campaignClient.close()]);
  return (await balance(stage, scenes.length)) && good;
}

function makeScenes(news: Client, campaign: Client): readonly Scene[] {
  const ok = { to: "taro@example.com", subject: "サンプル通信 11月号" };
  const scene = (
    title: string,
    expected: RegExp,
    variant: Parameters<typeof newsletter>[0],
    client = news,
  ): Scene => ({
    title,
    client,
    to: variant.to,
    message: newsletter(variant),
    expected,
  });
  return [
    scene("A recipient who consented, a compliant newsletter", /^250 2\.0\.0 accepted id=/, ok),
    scene("A recipient of whom no consent is on record", /^550 5\.7\.1 no-consent: /, {
      ...ok,
      to: "nobody@example.com",
    }),
    scene("A recipient who withdrew consent", /^550 5\.7\.1 withdrawn: /, {
      ...ok,
      to: "hanako@example.com",
    }),
    scene("A recipient on the suppression list", /^550 5\.7\.1 suppressed: /, {
      ...ok,
      to: "jiro@example.com",
    }),
    scene("The footer is missing in the text part", /^550 5\.7\.1 sender-name-missing: /, {
      ...ok,
      textFooter: false,
    }),
    scene("The footer is hidden by CSS in the HTML part", /^550 5\.7\.1 sender-name-missing: /, {
      ...ok,
      htmlFooterStyle: "display:none",
    }),
    scene("The footer is white on white", /^550 5\.7\.1 sender-name-missing: /, {
      ...ok,
      htmlFooterStyle: "color:#fff;background:#ffffff",
    }),
    scene("A forged From", /^550 5\.7\.1 sender-not-permitted: /, {
      ...ok,
      from: "Bank <support@bank.example>",
    }),
    scene(
      "A stream that holds what breaks a rule",
      /^250 2\.0\.0 held id=\S+ ?:? ?/,
      { ...ok, to: "saburo@example.com", textFooter: false },
      campaign,
    ),
  ];
}

async function releaseHeld(stage: Stage): Promise<boolean> {
  const { storage, clock } = stage.office;
  const held = await storage.queue.heldList({ limit: 10 });
  const entry = held.items[0];
  stage.tell("\n10. A postmaster looks at the held message and releases it");
  if (entry === undefined) {
    stage.tell("   ✗ nothing is held");
    return false;
  }
  stage.tell(`   held for ${entry.reason}: ${entry.detail}`);
  const released = await storage.queue.heldDecide(entry.id, "release", {
    actor: "demo",
    reason: "looked at",
    at: clock(),
  });
  stage.tell(`   ${released ? "✓ released" : "✗ could not be released"}`);
  return released;
}

async function balance(stage: Stage, sent: number): Promise<boolean> {
  const { storage } = stage.office;
  const states = await settled(stage);
  const events = await storage.audit.counts();
  const accepted = (events.Reception ?? 0) + (events.Held ?? 0);
  const refused = events.Refusal ?? 0;
  const failed = states.failed + states.expired + states.dropped;
  const waiting = states.waiting + states.leased + states.held + states.paused;
  const signatures = await countSignatures(stage.receiver.mails, await storage.keys.list());
  const encrypted = stage.receiver.mails.filter(
    (mail: ReceivedMail) => mail.tls !== undefined,
  ).length;
  const chain = await storage.audit.verify();
  const checks: readonly (readonly [string, boolean])[] = [
    [`${sent} sent = ${accepted} accepted + ${refused} refused`, sent === accepted + refused],
    [
      `${accepted} accepted = ${states.delivered} delivered + ${failed} failed + ${waiting} waiting`,
      accepted === states.delivered + failed + waiting && waiting === 0,
    ],
    [
      `${stage.receiver.mails.length} copies at the receiver, no more and no less`,
      stage.receiver.mails.length === states.delivered && states.delivered === 2,
    ],
    [
      `${encrypted} of them over TLS (${stage.receiver.mails[0]?.tls ?? "none"})`,
      encrypted === stage.receiver.mails.length && encrypted > 0,
    ],
    [
      `${signatures} of them with a DKIM signature that verifies`,
      signatures === stage.receiver.mails.length && signatures > 0,
    ],
    [
      chain.kind === "intact"
        ? `${chain.events} events in the audit log, chain intact`
        : `audit chain broken: ${chain.problem}`,
      chain.kind === "intact",
    ],
  ];
  stage.tell("\nBalance");
  for (const [text, fits] of checks) stage.tell(`   ${fits ? "✓" : "✗"} ${text}`);
  return checks.every(([, fits]) => fits);
}

/** Waits until nothing waits any more, or the time is over. */
async function settled({
  office,
  receiver,
}: Stage): Promise<Readonly<Record<RecipientState, number>>> {
  const deadline = performance.now() + deliveryWaitMs;
  for (;;) {
    const { states } = await office.storage.queue.counts();
    if (states.waiting + states.leased === 0 || performance.now() > deadline) return states;
    await receiver.changed();
  }
}

async function prepareLedger(office: Office): Promise<void> {
  const now = office.clock();
  const granted = (address: Address) => ({
    address,
    event: {
      kind: "granted" as const,
      subject: office.indexer.address(address),
      sender: "sample",
      topic: "news",
      basis: "consent" as const,
      byPerson: true,
      at: new Date(now.getTime() - 86_400_000),
      actor: "demo",
      evidence: {
        method: "web-form",
        source: "https://www.example.jp/signup",
        wording: "サンプル通信を受け取る",
      },
    },
  });
  const [taro, hanako, jiro, saburo] = ["taro", "hanako", "jiro", "saburo"].map((name) =>
    addressOf(`${name}@example.com`),
  );
  if (taro === undefined || hanako === undefined || jiro === undefined || saburo === undefined)
    return;
  await office.storage.ledger.recordConsents([taro, hanako, jiro, saburo].map(granted));
  await office.storage.ledger.recordConsents([
    {
      address: hanako,
      event: {
        kind: "withdrawn",
        subject: office.indexer.address(hanako),
        sender: "sample",
        topic: null,
        at: now,
        actor: "recipient",
        evidence: { method: "opt-out page" },
      },
    },
  ]);
  await office.storage.ledger.suppress([
    {
      target: jiro,
      suppression: {
        subject: office.indexer.address(jiro),
        ofDomain: false,
        kind: "manual",
        scope: { kind: "all" },
        origin: "demo",
        reason: "asked by phone",
        createdAt: now,
      },
    },
  ]);
}

function addressOf(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed.kind === "bad") throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}

/** A folder that is gone when the demonstration ends. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "sekisho-demo-"));
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** The demonstration's configuration: free ports, a route to the receiver, keys that need no DNS. */
export function demonstrationConfig(
  parse: (text: string, path: string) => Config,
  folder: string,
  receiverPort: number,
): Config {
  return parse(
    `
version: 1
hostname: gw.example.jp
log: { level: warn }
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: starttls, auth: required }] }
http: { host: 127.0.0.1, port: 0, public_url: "https://gw.example.jp" }
senders:
  - id: sample
    legal:
      names: ["株式会社サンプル商事"]
      addresses: ["〒999-9999 東京都架空区見本町1-2-3"]
      contacts: ["03-0000-0000", "support@example.jp"]
      opt_out_hosts: [u.example.jp]
    domains: [example.jp]
streams:
  - { id: newsletter, sender: sample, class: marketing, topic: news, rules: [jp], on_violation: refuse }
  - { id: campaign, sender: sample, class: marketing, topic: news, rules: [jp], on_violation: hold }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${receiverPort}" }] }
dkim: { require_published: false }
`,
    join(folder, "gateway.yaml"),
  );
}
