// Reads returned mail off the SMTP thread: strangers write it, and no login stands before it.
import { type Reading, unreadable } from "../feedback/reading.ts";
import { createTimedPool } from "../intake/timed-pool.ts";

export interface Reader extends AsyncDisposable {
  /**
   * What cannot be read in time or memory is `unreadable`: a person is told, and the client gets it all the same. Rejects
   * where too many wait: the other side keeps its mail and comes again.
   */
  readonly read: (content: Buffer) => Promise<Reading>;
}

const readMaxOctets = 1024 * 1024; // what is handed over; feedback/ looks at less, and the rest is the returned mail
const threads = 1; // 2 ms a report: some hundred a second, beside delivery and judging

/** `repliesFile`: the table of what replies mean; taken up anew when it changes. */
export function createReader(
  repliesFile: string,
  log: { readonly error: (fields: object, text: string) => void },
  worker = new URL("./read-worker.ts", import.meta.url),
): Reader {
  const pool = createTimedPool<object, object, Reading>(
    { worker, name: "readTask", workerData: repliesFile },
    { threads },
  );
  return {
    read: async (content) => {
      const outcome = await pool.run(content.subarray(0, readMaxOctets), {});
      switch (outcome.kind) {
        case "done":
          return outcome.result;
        case "failed":
          log.error({ err: outcome.cause, why: outcome.why }, "returned mail not read");
          return unreadable;
        case "busy":
          throw new Error("too much returned mail waits to be read");
      }
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
