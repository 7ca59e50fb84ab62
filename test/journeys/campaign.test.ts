// A campaign is held, approved by a second person and delivered; then the kill switch, over a restart. All on a real gateway.
import { readFileSync, writeFileSync } from "node:fs";

import { createTransport } from "nodemailer";
import { afterEach, expect, test } from "vitest";

import { newsletter } from "../../src/demo/messages.ts";
import { startReceiver, type Receiver } from "../../src/demo/receiver.ts";
import { selfSignedCertificate } from "../../src/smtp/certificate.ts";
import { runHere } from "../support/command-here.ts";
import {
  createWorkplace,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";

const open: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
});

function createOffice(port: number): Workplace {
  const workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }] }
http: { host: 127.0.0.1, port: 0 }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${port}" }], retry: { schedule: ["1s"], max_age: "1h" } }
`);
  const text = readFileSync(workplace.configFile, "utf8");
  const domains = "domains: [example.jp]";
  const wish = `${domains}\n    approvals: [campaign, release, suppression-removal]`;
  writeFileSync(workplace.configFile, text.replace(domains, wish));
  open.push(workplace);
  return workplace;
}

async function consents(workplace: Workplace, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const email = `${name}@example.com`;
    const about = ["--email", email, "--sender", "sample", "--topic", "news"];
    const proof = [
      "--basis",
      "consent",
      "--method",
      "web-form",
      "--source",
      "https://x.example.jp",
    ];
    const result = await runHere(workplace.configFile, "consent", "add", ...about, ...proof);
    expect(result.code, result.stderr).toBe(0);
  }
}

async function send(
  gateway: GatewayProcess,
  name: string,
  subject = "サンプル通信",
): Promise<string> {
  const port = gateway.smtpPorts[0] ?? 0;
  const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  const to = `${name}@example.com`;
  try {
    const raw = newsletter({ to, subject });
    const info = (await transport.sendMail({ envelope: { from: "news@example.jp", to }, raw })) as {
      readonly response: string;
    };
    return info.response;
  } catch (error) {
    return (error as { readonly response?: string }).response ?? String(error);
  } finally {
    transport.close();
  }
}

async function arrived(receiver: Receiver, count: number): Promise<readonly string[]> {
  const deadline = performance.now() + 30_000;
  while (receiver.mails.length < count && performance.now() < deadline) await receiver.changed();
  return receiver.mails.map((mail) => mail.to).toSorted();
}

interface Session {
  readonly get: (path: string) => Promise<Record<string, unknown>>;
  readonly post: (
    path: string,
    body?: object,
  ) => Promise<readonly [number, Record<string, unknown>]>;
}

/** A person made at the command line, logged in over HTTP with a password of their own. */
async function logIn(
  workplace: Workplace,
  gateway: GatewayProcess,
  role: string,
): Promise<Session> {
  const email = `${role}@example.co.jp`;
  const made = await runHere(
    workplace.configFile,
    "user",
    "create",
    "--email",
    email,
    "--role",
    role,
  );
  expect(made.code, made.stderr).toBe(0);
  const initial = String(made.json()[0]?.["password"]);
  const base = `http://127.0.0.1:${gateway.httpPort}`;
  let headers: Record<string, string> = {};
  const call = async (method: string, path: string, body?: object): Promise<Response> => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0];
    if (cookie !== undefined) {
      const { csrfToken } = (await answer.clone().json()) as { csrfToken: string };
      headers = { cookie, "x-csrf-token": csrfToken };
    }
    return answer;
  };
  const password = "violet trombone harvest candle";
  expect((await call("POST", "/v1/session", { email, password: initial })).status).toBe(200);
  const changed = await call("POST", "/v1/me/password", { current: initial, password });
  expect(changed.status).toBe(200);
  return {
    get: async (path) => (await (await call("GET", path)).json()) as Record<string, unknown>,
    post: async (path, body) => {
      const answer = await call("POST", path, body);
      return [answer.status, (await answer.json()) as Record<string, unknown>];
    },
  };
}

async function startAll(): Promise<{
  readonly workplace: Workplace;
  readonly receiver: Receiver;
  readonly gateway: GatewayProcess;
}> {
  const folder = `${process.env["TMPDIR"] ?? "/tmp"}/sekisho-campaign-receiver`;
  const receiver = await startReceiver(await selfSignedCertificate(folder, "receiver.example.com"));
  open.push(receiver);
  const workplace = createOffice(receiver.port);
  await consents(workplace, ["u1", "u2", "u3", "u4", "u5"]);
  return { workplace, receiver, gateway: await startGatewayProcess(workplace.configFile) };
}

test("a campaign is held, approved by a second person, and delivered, and the log shows each step", async () => {
  const { workplace, receiver, gateway } = await startAll();
  try {
    const answers = await Promise.all(["u1", "u2", "u3"].map((name) => send(gateway, name)));
    for (const answer of answers) expect(answer).toMatch(/^250 2\.0\.0 held id=\S+: .*campaign/);
    const heldId = /id=([^\s:]+)/.exec(answers[0] ?? "")?.[1] ?? "";

    const approver = await logIn(workplace, gateway, "approver");
    const { items } = (await approver.get("/v1/approvals?state=open")) as {
      items: readonly Record<string, unknown>[];
    };
    expect(items).toMatchObject([
      { kind: "campaign", sender: "sample", recipients: 3, act: { subject: "サンプル通信" } },
    ]);
    expect(JSON.stringify(items[0]?.["act"])).toContain("サンプル通信をお届けします");
    expect(JSON.stringify(items[0]?.["act"])).toContain("u.example.jp");
    const id = String(items[0]?.["id"]);
    // One message of it is not slipped through beside the campaign: that takes two as well.
    expect((await approver.post(`/v1/held/${heldId}/release`))[0]).toBe(202);
    const operator = await logIn(workplace, gateway, "operator");
    expect((await operator.post(`/v1/approvals/${id}/approve`))[0]).toBe(403);
    expect(receiver.mails.map((mail) => mail.to)).toEqual([]);

    const [status, done] = await approver.post(`/v1/approvals/${id}/approve`, {
      reason: "read it",
    });
    expect([status, done]).toEqual([200, { id, state: "approved", released: 3 }]);
    const all = ["u1@example.com", "u2@example.com", "u3@example.com"];
    expect(await arrived(receiver, 3)).toEqual(all);
    // The rest flows, and another text is another campaign.
    expect(await send(gateway, "u4")).toMatch(/^250 2\.0\.0 accepted/);
    expect(await arrived(receiver, 4)).toHaveLength(4);

    const trace = (await runHere(workplace.configFile, "log", "trace", heldId)).json();
    const types = trace.map((event) => event["type"]);
    expect(types.filter((type) => type !== "Operation")).toEqual(
      expect.arrayContaining(["Held", "Released", "Delivery"]),
    );
    const approvals = await runHere(workplace.configFile, "log", "search", "--type", "Approval");
    expect(approvals.json()).toMatchObject([
      {
        detail: {
          change: "asked",
          kind: "campaign",
          because: ["a template not seen before", expect.stringMatching(/^findings: /)],
        },
      },
      { detail: { change: "asked", kind: "release" } },
      {
        detail: { change: "approved", from: "127.0.0.1" },
        actor: expect.stringMatching(/^user:/) as string,
      },
    ]);
    const verified = await runHere(workplace.configFile, "audit", "verify");
    expect(verified.json()[0]).toMatchObject({ kind: "intact" });
  } finally {
    await gateway.stop("SIGTERM");
  }
}, 120_000);

test("the kill switch stops mail within a second, over a restart, until it is lifted", async () => {
  const { workplace, receiver, gateway } = await startAll();
  let running = gateway;
  try {
    const operator = await logIn(workplace, running, "operator");
    const [status] = await operator.post("/v1/freezes", { scope: "all", reason: "wrong list" });
    expect(status).toBe(201);
    expect(await send(running, "u1")).toMatch(/^451 4\.7\.1 frozen/);
    await running.stop("SIGKILL");
    running = await startGatewayProcess(workplace.configFile);
    expect(await send(running, "u1")).toMatch(/^451 4\.7\.1 frozen/);
    const lifted = await runHere(workplace.configFile, "unfreeze", "all", "--reason", "mended");
    expect(lifted.code).toBe(0);
    // At the command line too, a release takes a second person: here the campaign's.
    expect(await send(running, "u1")).toMatch(/^250 2\.0\.0 held/);
    const frozen = await runHere(
      workplace.configFile,
      "freeze",
      "stream:newsletter",
      "--reason",
      "x",
    );
    expect(frozen.code).toBe(0);
    const [waiting] = (await runHere(workplace.configFile, "approval", "list")).json();
    const id = String(waiting?.["id"]);
    const approved = await runHere(workplace.configFile, "approval", "approve", id);
    expect(approved.json()).toMatchObject([{ state: "approved", released: 1 }]);
    // Released, and yet it does not leave: its recipient waits while the stream is frozen.
    await receiver.changed();
    await receiver.changed();
    expect(receiver.mails.map((mail) => mail.to)).toEqual([]);
    await runHere(workplace.configFile, "unfreeze", "stream:newsletter");
    expect(await arrived(receiver, 1)).toEqual(["u1@example.com"]);
  } finally {
    await running.stop("SIGTERM");
  }
}, 120_000);
