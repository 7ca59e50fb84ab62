// One part of what a gateway must do for a message, done by a library alone, in a process of its own: parts.ts measures it.
//   node part.ts take|sign|send|store FILE
// Says { port } where it listens, else does as many as it is told to; each message it gets is answered by what it has used by then.
import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { closeSync, fdatasync, openSync, readFileSync, rmSync, writev } from "node:fs";

import Database from "better-sqlite3";
import { createTransport } from "nodemailer";
import { SMTPServer } from "smtp-server";

import type { Did, Order } from "./parts.ts";

const [part = "", file = ""] = process.argv.slice(2);
const parts: Readonly<Record<string, () => (order: Order) => Promise<void>>> = {
  take,
  sign: signing,
  send,
  store,
};
const make = parts[part];
if (make === undefined) throw new Error(`take, sign, send or store, not ${part}`);
const work = make();
process.on("message", (order: Order) => {
  void work(order).then(() => {
    const { user, system } = process.cpuUsage();
    tell({ cpuMilliseconds: (user + system) / 1000 });
  });
});

function tell(did: Did): void {
  process.send?.(did);
}

/** Written to one file; what comes while it is being synced shares the next `fdatasync`. */
function take(): (order: Order) => Promise<void> {
  const log = openSync(file, "w");
  let waiting: {
    readonly chunks: readonly Buffer[];
    readonly done: (error?: Error | null) => void;
  }[] = [];
  let busy = false;
  const flush = (): void => {
    if (busy || waiting.length === 0) return;
    busy = true;
    const batch = waiting;
    waiting = [];
    const written = (error: Error | null): void => {
      busy = false;
      for (const { done } of batch) done(error);
      flush();
    };
    writev(
      log,
      batch.flatMap(({ chunks }) => chunks),
      (error) => {
        if (error === null) fdatasync(log, written);
        else written(error);
      },
    );
  };
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
      });
      stream.on("end", () => {
        waiting.push({ chunks, done });
        flush();
      });
    },
  });
  server.on("error", () => undefined); // a client that goes away
  server.listen(0, "127.0.0.1", () => {
    const address = server.server.address();
    tell({ port: typeof address === "object" ? (address?.port ?? 0) : 0 });
  });
  process.once("disconnect", () => {
    server.close(() => {
      closeSync(log);
      rmSync(file);
    });
  });
  return () => Promise.resolve();
}

function signing(): (order: Order) => Promise<void> {
  const key = createPrivateKey(readFileSync(file));
  const header = randomBytes(400);
  return ({ count }) => {
    for (let n = 0; n < count; n += 1) sign("sha256", header, key);
    return Promise.resolve();
  };
}

/** Over connections that stay open. */
function send(): (order: Order) => Promise<void> {
  const raw = readFileSync(file);
  let transport: ReturnType<typeof createTransport> | undefined;
  process.once("disconnect", () => transport?.close());
  return async ({ count, port, connections }) => {
    transport ??= createTransport({
      host: "127.0.0.1",
      port,
      pool: true,
      maxConnections: connections,
      maxMessages: Infinity,
      requireTLS: true,
      tls: { rejectUnauthorized: false },
    });
    const pooled = transport;
    let left = count;
    await Promise.all(
      Array.from({ length: connections }, async () => {
        for (; left > 0; left -= 1)
          await pooled.sendMail({
            envelope: { from: "news@bench.example", to: "u@rcpt.test" },
            raw,
          });
      }),
    );
  };
}

function store(): (order: Order) => Promise<void> {
  const db = new Database(file);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.exec(
    "CREATE TABLE q (id INTEGER PRIMARY KEY, key BLOB, state INTEGER, due INTEGER, recipient TEXT)",
  );
  const insert = db.prepare("INSERT INTO q (key, state, due, recipient) VALUES (?, 0, ?, ?)");
  const fifty = db.transaction(() => {
    for (let n = 0; n < 50; n += 1) insert.run(randomBytes(16), Date.now(), "user@rcpt.test");
  });
  process.once("disconnect", () => {
    db.close();
    rmSync(file);
  });
  return ({ count }) => {
    for (let n = 0; n < count; n += 50) fifty();
    return Promise.resolve();
  };
}
