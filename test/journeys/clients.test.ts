// Real clients that are not ours send a Japanese multipart message by STARTTLS and by implicit TLS; what arrives verifies.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { newsletter } from "../../src/demo/messages.ts";
import { startReceiver, type Receiver } from "../../src/demo/receiver.ts";
import { selfSignedCertificate } from "../../src/smtp/certificate.ts";
import {
  hasDkimpy,
  verifyByDkimpy,
  verifyByMailauth,
  type Records,
} from "../support/dkim-verifiers.ts";
import {
  createWorkplace,
  sekisho,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";

// Without its TLS module swaks cannot do what is asked of it here.
const hasSwaks =
  spawnSync("swaks", ["--support"]).stdout?.toString().includes("TLS supported") ?? false;
const python = ["/usr/bin/python3", "python3"].find(
  (path) => spawnSync(path, ["-c", "import smtplib"]).status === 0,
);
if (!hasSwaks)
  process.stderr.write(
    "swaks with TLS is not installed: its journey is skipped (apt-get install swaks libnet-ssleay-perl)\n",
  );
if (python === undefined)
  process.stderr.write("python3 is not installed: the journey of smtplib is skipped\n");

let workplace: Workplace;
let receiver: Receiver;
let gateway: GatewayProcess;
let credential: { readonly username: string; readonly password: string };
let records: Records;

beforeAll(async () => {
  workplace = createWorkplace("");
  receiver = await startReceiver(
    await selfSignedCertificate(`${workplace.folder}/receiver`, "receiver.example.com"),
  );
  const { appendFileSync } = await import("node:fs");
  appendFileSync(
    workplace.configFile,
    `smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: starttls, auth: required }, { host: 127.0.0.1, port: 0, tls: implicit, auth: required }] }
http: { host: 127.0.0.1, port: 0 }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${receiver.port}" }] }
`,
  );
  gateway = await startGatewayProcess(workplace.configFile);
  const created = await sekisho(
    workplace.configFile,
    "credential",
    "create",
    "--stream",
    "newsletter",
    "--name",
    "journey",
  );
  expect(created.code, created.stderr).toBe(0);
  credential = created.json()[0] as unknown as typeof credential;
  for (const name of ["swaks587", "swaks465", "python587", "python465"]) {
    const added = await sekisho(
      workplace.configFile,
      "consent",
      "add",
      "--email",
      `${name}@example.com`,
      "--sender",
      "sample",
      "--topic",
      "news",
      "--basis",
      "consent",
      "--method",
      "web-form",
      "--source",
      "https://www.example.jp/signup",
    );
    expect(added.code, added.stderr).toBe(0);
  }
  const keys = (await sekisho(workplace.configFile, "keys", "list")).json() as unknown as readonly {
    readonly record: { readonly name: string; readonly value: string };
  }[];
  records = Object.fromEntries(keys.map((key) => [key.record.name, key.record.value]));
});

afterAll(async () => {
  await gateway.stop("SIGTERM");
  await receiver[Symbol.asyncDispose]();
  workplace[Symbol.dispose]();
});

interface Run {
  readonly code: number | null;
  readonly output: string;
}

async function run(command: string, args: readonly string[]): Promise<Run> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => void chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => void chunks.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output: Buffer.concat(chunks).toString() };
}

function bySwaks(port: number, tls: readonly string[], to: string): Promise<Run> {
  const file = `${workplace.folder}/${to}.eml`;
  writeFileSync(file, newsletter({ to, subject: "サンプル通信" }));
  return run("swaks", [
    "--server",
    "127.0.0.1",
    "--port",
    String(port),
    ...tls,
    "--auth",
    "PLAIN",
    "--auth-user",
    credential.username,
    "--auth-password",
    credential.password,
    "--from",
    "news@example.jp",
    "--to",
    to,
    "--data",
    `@${file}`,
  ]);
}

const program = `
import smtplib, ssl, sys
port, kind, user, password, to, path = int(sys.argv[1]), sys.argv[2], *sys.argv[3:7]
context = ssl._create_unverified_context()
client = smtplib.SMTP_SSL("127.0.0.1", port, context=context) if kind == "implicit" else smtplib.SMTP("127.0.0.1", port)
if kind == "starttls":
    client.starttls(context=context)
client.login(user, password)
try:
    client.sendmail("news@example.jp", [to], open(path, "rb").read())
    print("sent")
except smtplib.SMTPRecipientsRefused as refused:
    print(refused.recipients)
client.quit()
`;

function byPython(port: number, kind: "starttls" | "implicit", to: string): Promise<Run> {
  const file = `${workplace.folder}/${to}.eml`;
  writeFileSync(file, newsletter({ to, subject: "サンプル通信" }));
  return run(python ?? "", [
    "-c",
    program,
    String(port),
    kind,
    credential.username,
    credential.password,
    to,
    file,
  ]);
}

async function delivered(to: string): Promise<Buffer> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const mail = receiver.mails.find((each) => each.to === to);
    if (mail !== undefined) {
      expect(mail.tls).toMatch(/^TLSv1\.[23] /);
      return mail.raw;
    }
    if (performance.now() > deadline)
      throw new Error(`nothing arrived for ${to}:\n${gateway.log.join("\n")}`);
    await receiver.changed();
  }
}

async function expectVerified(raw: Buffer): Promise<void> {
  const onTop = (field: string): Buffer => Buffer.concat([Buffer.from(field), raw]);
  const forged = [onTop("From: other@example.jp\r\n"), onTop("Subject: other\r\n")];
  expect(await verifyByMailauth(raw, records)).toEqual([true]);
  for (const message of forged) expect(await verifyByMailauth(message, records)).toEqual([false]);
  if (hasDkimpy)
    expect(verifyByDkimpy([raw, ...forged], records)).toEqual([[true], [false], [false]]);
}

describe.skipIf(!hasSwaks)("swaks", () => {
  test("delivers by STARTTLS", async () => {
    const { code, output } = await bySwaks(
      gateway.smtpPorts[0] ?? 0,
      ["--tls"],
      "swaks587@example.com",
    );
    expect(code, output).toBe(0);
    expect(output).toMatch(/250 2\.0\.0 accepted id=[0-9a-z]{26}/);
    await expectVerified(await delivered("swaks587@example.com"));
  });

  test("delivers by implicit TLS", async () => {
    const { code, output } = await bySwaks(
      gateway.smtpPorts[1] ?? 0,
      ["--tlsc"],
      "swaks465@example.com",
    );
    expect(code, output).toBe(0);
    await expectVerified(await delivered("swaks465@example.com"));
  });

  test("is told at RCPT that there is no consent", async () => {
    const { code, output } = await bySwaks(
      gateway.smtpPorts[0] ?? 0,
      ["--tls"],
      "nobody@example.com",
    );
    expect(code).not.toBe(0);
    expect(output).toMatch(/550 5\.7\.1 no-consent: /);
  });

  test("may not log in without TLS", async () => {
    const { code, output } = await bySwaks(gateway.smtpPorts[0] ?? 0, [], "swaks587@example.com");
    expect(code).not.toBe(0);
    expect(output).not.toMatch(/ 235 /);
  });
});

describe.skipIf(python === undefined)("Python's smtplib", () => {
  test.each([
    ["starttls", 0, "python587@example.com"],
    ["implicit", 1, "python465@example.com"],
  ] as const)("delivers by %s", async (kind, listener, to) => {
    const { output } = await byPython(gateway.smtpPorts[listener] ?? 0, kind, to);
    expect(output.trim()).toBe("sent");
    await expectVerified(await delivered(to));
  });

  test("is told at RCPT that there is no consent", async () => {
    const { output } = await byPython(gateway.smtpPorts[0] ?? 0, "starttls", "nobody@example.com");
    expect(output).toMatch(/550, b'5\.7\.1 no-consent: /);
  });
});
