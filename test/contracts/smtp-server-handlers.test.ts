// What smtp-server makes of its handlers' answers and of DATA: why src/smtp answers once, in time, and reads by itself.
import { once } from "node:events";
import type { Readable } from "node:stream";

import type { SMTPServerOptions } from "smtp-server";
import { SMTPStream } from "smtp-server/lib/smtp-stream.js";
import { describe, expect, test, vi } from "vitest";

import { dial } from "../support/raw-client.ts";
import { bareServer, login, upToData } from "./bare-server.ts";

type Answer = Parameters<NonNullable<SMTPServerOptions["onData"]>>[2];

test("1.1 findings 1 and 2: bare line ends pass through, and a dot is taken out behind one", async () => {
  const stream = new SMTPStream();
  let body = "";
  stream.startDataMode().on("data", (chunk: Buffer) => {
    body += chunk.toString("latin1");
  });
  stream.write("a\n.\nb\rc\0\n..d\r\n.\r\n");
  await expect.poll(() => body).toBe("a\n.\nb\rc\0\n.d\r\n");
});

describe("errors of handlers", () => {
  test("1.1 finding 8: an error without a code is permanent but at DATA, and its words go to the client", async () => {
    const failure = new Error("/var/lib/gw.db is locked");
    using bare = await bareServer({
      allowInsecureAuth: true,
      onAuth: (_auth, _session, callback) => {
        callback(failure);
      },
      onMailFrom: ({ address }, _session, callback) => {
        callback(address === "bad@example.jp" ? failure : null);
      },
      onRcptTo: ({ address }, _session, callback) => {
        callback(address === "bad@example.jp" ? failure : null);
      },
      onData: (stream, _session, callback) => {
        stream.resume().on("end", () => {
          callback(failure);
        });
      },
    });
    const { client } = bare;
    expect(await client.command(login)).toBe(`535 ${failure.message}`);
    expect(await client.command("MAIL FROM:<bad@example.jp>")).toBe(`550 ${failure.message}`);
    await client.command("MAIL FROM:<a@example.jp>");
    expect(await client.command("RCPT TO:<bad@example.jp>")).toBe(`550 ${failure.message}`);
    await bare.codes("RCPT TO:<b@example.jp>", "DATA");
    expect(await client.command(".")).toBe(`450 ${failure.message}`);
  });

  test("1.1 finding 9: what an async handler rejects with is nobody's; what one throws becomes 451", async () => {
    using bare = await bareServer({
      onRcptTo: () => {
        throw new Error("no");
      },
    });
    const promise = Promise.resolve();
    const looked = vi.spyOn(promise, "then");
    const handler = (_address: unknown, _session: unknown, done: Answer): unknown => {
      done();
      return promise;
    };
    Object.assign(bare.server, { onMailFrom: handler });
    expect(await bare.codes(...upToData.slice(0, 2))).toEqual(["250", "451"]);
    expect(looked).not.toHaveBeenCalled();
  });

  test("1.1 finding 13: while a handler is at work the idle timeout only starts anew", async () => {
    const asked = Promise.withResolvers<() => void>();
    using bare = await bareServer({
      onMailFrom: (_address, _session, callback) => {
        asked.resolve(() => {
          callback();
        });
      },
    });
    const [connection] = bare.server.connections;
    await bare.client.write("MAIL FROM:<a@example.jp>\r\n");
    const finish = await asked.promise;
    connection?._onTimeout();
    finish();
    expect(await bare.client.reply()).toMatch(/^250/);
    connection?._onTimeout();
    expect(await bare.client.reply()).toMatch(/^421/);
  });
});

describe("DATA", () => {
  test("1.1 finding 10: a client that goes in the middle breaks the stream with an error", async () => {
    const broken = Promise.withResolvers<Error>();
    using bare = await bareServer({
      onData: (stream) => {
        stream.resume().on("error", broken.resolve);
      },
    });
    await bare.codes(...upToData);
    await bare.client.write("half a mess");
    bare.client.end();
    expect(await broken.promise).toMatchObject({ code: "ECONNECTION" });
  });

  test("1.1 finding 12: a refusal waits until a paused message was read to its end", async () => {
    const paused = Promise.withResolvers<Readable>();
    using bare = await bareServer({
      onData: (stream, _session, callback) => {
        stream.once("data", () => {
          stream.pause();
          callback(new Error("no"));
          paused.resolve(stream);
        });
      },
    });
    await bare.codes(...upToData);
    await bare.client.write("text\r\n.\r\n");
    const order: string[] = [];
    const reply = bare.client.reply().then(() => order.push("reply"));
    const stream = await paused.promise;
    const other = await dial(bare.port); // time enough for a reply that does not wait
    await other.command("NOOP");
    order.push("read on");
    stream.resume();
    await reply;
    expect(order).toEqual(["read on", "reply"]);
    other.end();
  });

  test("1.1 finding 14: a stream destroyed at once is refused before it was asked for", async () => {
    using bare = await bareServer({
      onData: (stream, _session, callback) => {
        stream.destroy();
        callback(new Error("no"));
      },
    });
    expect(await bare.codes(...upToData)).toEqual(["250", "250", "450"]);
    expect(await bare.client.reply()).toMatch(/^354/);
  });

  test.each<{ name: string; answer: (callback: Answer) => void; replies: readonly string[] }>([
    {
      name: "1.1 finding 15: a second answer is a second reply",
      answer: (callback) => {
        callback(null, "one");
        callback(new Error("two"));
      },
      replies: ["250 one", "450 two"],
    },
    {
      name: "1.1 finding 16: a list is one reply each, without LMTP too",
      answer: (callback) => {
        callback(null, ["one", new Error("two")]);
      },
      replies: ["250 one", "450 two"],
    },
  ])("$name", async ({ answer, replies }) => {
    using bare = await bareServer({
      onData: (stream, _session, callback) => {
        stream.resume().on("end", () => {
          answer(callback);
        });
      },
    });
    await bare.codes(...upToData);
    expect([await bare.client.command("."), await bare.client.reply()]).toEqual(replies);
  });

  test("1.1 finding 17: an answer that no client is left for is told from no other", async () => {
    const gone = Promise.withResolvers<undefined>();
    const read = Promise.withResolvers<Answer>();
    using bare = await bareServer({
      onData: (stream, _session, callback) => {
        stream.resume().on("end", () => {
          read.resolve(callback);
        });
      },
      onClose: () => {
        gone.resolve(undefined);
      },
    });
    const errors: unknown[] = [];
    bare.server.on("error", (error) => void errors.push(error));
    await bare.codes(...upToData);
    await bare.client.write(".\r\n");
    const answer = await read.promise;
    bare.client.end();
    await gone.promise;
    expect(answer(null, "stored")).toBeUndefined();
    expect(errors).toEqual([]);
  });

  test.each([
    { rejectOversized: false, code: "250" },
    { rejectOversized: true, code: "552" },
  ])(
    "1.1 finding 20: a message over the size is read whole: $code with rejectOversized $rejectOversized",
    async ({ rejectOversized, code }) => {
      let bytes = 0;
      const exceeded: unknown[] = [];
      using bare = await bareServer({
        size: 1_000,
        rejectOversized,
        onData: (stream, _session, callback) => {
          stream.on("data", (chunk: Buffer) => void (bytes += chunk.length));
          stream.on("end", () => {
            exceeded.push(stream.sizeExceeded);
            callback();
          });
        },
      });
      await bare.codes(...upToData);
      await bare.client.write(`${"x".repeat(98)}\r\n`.repeat(1_000));
      expect(await bare.codes(".")).toEqual([code]);
      expect(exceeded).toEqual([true]);
      expect(bytes).toBe(100_000);
    },
  );

  test("1.1 finding 30: closing says 421 over a message that is stored a moment later", async () => {
    const read = Promise.withResolvers<Answer>();
    using bare = await bareServer({
      closeTimeout: 1,
      onData: (stream, _session, callback) => {
        stream.resume().on("end", () => {
          read.resolve(callback);
        });
      },
    });
    await bare.codes(...upToData);
    await bare.client.write(".\r\n");
    const answer = await read.promise;
    const closed = once(bare.server.server, "close");
    bare.server.close();
    expect(await bare.client.reply()).toMatch(/^421/);
    answer(null, "stored");
    expect(await bare.client.untilClosed()).toBe("");
    await closed;
  });
});
