// The one logger: a JSON line an event, its name first, ids as fields; no secret, body or address above debug.
import { pino, type Logger } from "pino";

export type Log = Logger;

const redacted = ["password", "secret", "token", "authorization", "address", "email", "recipient"];

export function createLog(options: { readonly level: string; readonly destination?: number }): Log {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [...redacted, ...redacted.map((name) => `*.${name}`)],
        censor: "[redacted]",
      },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: options.destination ?? 2, sync: false }),
  );
}
