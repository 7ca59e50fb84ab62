// What can be wrong with a listener beyond its form: an open relay, a password in clear text, a stream that is not there.
import type { ConfigProblem } from "./config-error.ts";
import { letsEverybodyIn } from "./everybody.ts";
import type { GatewayFile } from "./schema/gateway.ts";

export function listenerProblems(file: GatewayFile): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const streams = new Set(file.streams.map((stream) => stream.id));
  for (const [index, listener] of file.smtp.listeners.entries()) {
    const at = (key: string): string => `smtp.listeners[${index}].${key}`;
    if (listener.role === "feedback") continue;
    if (listener.auth === "required") {
      if (listener.tls === "optional") {
        problems.push({
          path: at("tls"),
          found: '"optional"',
          problem: "would let passwords pass in clear text",
          remedy: "Use starttls or implicit together with auth: required.",
        });
      }
      if (listener.stream !== undefined) {
        problems.push({
          path: at("stream"),
          problem: "has no meaning with auth: required",
          remedy: "Remove it: each credential is bound to its own stream.",
        });
      }
      continue;
    }
    if (listener.allow.length === 0) {
      problems.push({
        path: at("allow"),
        problem: "is empty although auth is none: this would be an open relay",
        remedy: 'Name the client\'s range, such as ["127.0.0.0/8"].',
      });
    }
    if (letsEverybodyIn(listener.allow)) {
      problems.push({
        path: at("allow"),
        problem: "lets everybody in: this would be an open relay",
        remedy: "Name the client's range, such as 192.0.2.10/32.",
      });
    }
    if (listener.stream === undefined || !streams.has(listener.stream)) {
      problems.push({
        path: at("stream"),
        ...(listener.stream === undefined ? {} : { found: JSON.stringify(listener.stream) }),
        problem: "must name the stream that these clients send by",
        remedy: `Use one of: ${[...streams].join(", ") || "(none is configured)"}.`,
      });
    }
  }
  return problems;
}
