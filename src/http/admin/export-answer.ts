// What every export has in common: its window of time, its record, the second person it may take, its lines.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import { acted } from "../../audit/from-people.ts";
import { takesSecondPerson } from "../../policy/second-person.ts";
import { exportWords, spendExport } from "../../queue/export-approval.ts";
import { needs } from "../authorise.ts";
import { actOf, parseTime } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse } from "../problem.ts";
import { byNamedSender, senderOfStream } from "../reach.ts";
import { ask } from "../second-person.ts";

export const approval = Type.Optional(
  Type.String({ maxLength: 64, description: "The request that a second person approved." }),
);
export const exporting = needs("exports", "read", { reach: byNamedSender, stepUp: true });

/** One line for each; what the source returns at its end, if anything, is one more: `{"summary": …}`. */
export async function* lines<T, S>(
  source: AsyncGenerator<T, S>,
  format: (value: T) => string,
  last: (value: S) => string | undefined = () => undefined,
): AsyncGenerator<string> {
  for (;;) {
    const { done, value } = await source.next();
    if (done !== true) yield `${format(value)}\n`;
    else {
      const end = last(value);
      if (end !== undefined) yield `${end}\n`;
      return;
    }
  }
}

/** Records the export, or answers why it cannot be had (yet). */
export async function mayExport(
  parts: HttpParts,
  request: FastifyRequest<{ Querystring: { stream?: string; sender?: string; approval?: string } }>,
  reply: FastifyReply,
  what: string,
): Promise<boolean> {
  const { approval: approved, ...query } = request.query;
  const words = exportWords(query);
  const sender =
    query.sender ?? (query.stream === undefined ? undefined : senderOfStream(parts, query.stream));
  const act = actOf(request, parts.clock());
  if (takesSecondPerson(parts.senders, "export", sender)) {
    if (approved === undefined) {
      const about = sender === undefined ? {} : { sender };
      await ask(parts, request, reply, { act: { kind: "export", what, query: words }, ...about });
      return false;
    }
    if (!(await spendExport(parts.approvals, approved, { what, query: words }, act))) {
      void refuse(request, reply, "forbidden", {
        detail: "this is no approval for this export, or it was used or is over",
        remedy: "Ask anew: the same request without approval.",
      });
      return false;
    }
  }
  await parts.audit.append([
    {
      ...acted("Export", act, { change: "export", what, query: words, requestId: request.id }),
      ...(sender === undefined ? {} : { sender }),
    },
  ]);
  return true;
}

export function readWindow(
  since: string | undefined,
  until: string | undefined,
):
  | { readonly kind: "ok"; readonly value: { readonly since?: Date; readonly until?: Date } }
  | { readonly kind: "bad"; readonly field: string; readonly problem: string } {
  const value: { since?: Date; until?: Date } = {};
  for (const [field, text] of [
    ["since", since],
    ["until", until],
  ] as const) {
    if (text === undefined) continue;
    const parsed = parseTime(text);
    if (parsed.kind === "bad") return { kind: "bad", field, problem: parsed.problem };
    value[field] = parsed.value;
  }
  if (value.since !== undefined && value.until !== undefined && value.until <= value.since)
    return { kind: "bad", field: "until", problem: "is not after since" };
  return { kind: "ok", value };
}
