// sekisho log search --tls and log tls-report: how mail was encrypted on its way out, and to whom it could not be.
import { InvalidArgumentError, type Command } from "commander";

import type { AuditEvent, EventType } from "../audit/event.ts";
import type { AuditFilter } from "../audit/log.ts";
import { showEvent } from "../audit/show-event.ts";
import { formatReply } from "../mail/reply.ts";
import { withOffice, type OfficeForCommand } from "./office.ts";
import { print } from "./output.ts";
import { oneOf, pages } from "./pages.ts";

/** failed: no connection as the policy asks for · verified, unverified: encrypted, with or without a proof of identity. */
export const tlsStates = ["failed", "verified", "unverified"] as const;
export type TlsState = (typeof tlsStates)[number];

const attemptTypes: readonly EventType[] = ["Delivery", "TransientFailure", "Bounce", "Expiration"];
const pageSize = 500;

/** undefined: no connection came so far, or the event is about none. */
export function tlsOf(event: AuditEvent): TlsState | undefined {
  if (event.detail?.["class"] === "tls") return "failed";
  const verified = event.detail?.["tlsVerified"];
  return verified === true ? "verified" : verified === false ? "unverified" : undefined;
}

export function parseTls(text: string): TlsState {
  const state = tlsStates.find((candidate) => candidate === text);
  if (state === undefined) throw new InvalidArgumentError(`use ${oneOf(tlsStates)}`);
  return state;
}

/** Prints the attempts of this state, at most `limit`; reads on until it has so many. */
export async function searchTls(
  office: OfficeForCommand,
  filter: Omit<AuditFilter, "limit">,
  wanted: TlsState,
  limit: number,
): Promise<void> {
  let left = limit;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<OfficeForCommand["storage"]["audit"]["search"]>> =
      await office.storage.audit.search({
        types: attemptTypes,
        ...filter,
        ...(cursor === null ? {} : { cursor }),
        limit: pageSize,
      });
    for (const event of page.items) {
      if (left === 0 || tlsOf(event) !== wanted) continue;
      print(showEvent(event));
      left -= 1;
    }
    cursor = page.next;
  } while (cursor !== null && left > 0);
}

interface HostRow {
  readonly host: string;
  verified: number;
  unverified: number;
  failed: number;
  lastProblem: string | null;
  lastAt: string;
}

const hostsMax = 100_000; // told apart; events of further hosts are not counted

/** Hosts by their failures, the worst first. */
export function registerTlsReport(
  log: Command,
  since: { readonly help: string; readonly parse: (text: string) => Date },
): void {
  log
    .command("tls-report")
    .description("for each receiving host: attempts with verified, unverified and failed TLS")
    .option("--since <time>", since.help, since.parse)
    .option("--failed", "only hosts that could not do what policy asks")
    .action(async (options: { since?: Date; failed?: boolean }, command: Command) => {
      await withOffice(command, async ({ storage }) => {
        const rows = new Map<string, HostRow>();
        await pages(
          Infinity,
          (cursor, limit) =>
            storage.audit.search({
              types: attemptTypes,
              ...(options.since === undefined ? {} : { since: options.since }),
              ...cursor,
              limit,
            }),
          (event) => {
            count(rows, event);
          },
        );
        const worst = [...rows.values()].sort(
          (one, other) => other.failed - one.failed || one.host.localeCompare(other.host),
        );
        for (const row of worst) if (row.failed > 0 || options.failed !== true) print(row);
      });
    });
}

function count(rows: Map<string, HostRow>, event: AuditEvent): void {
  const state = tlsOf(event);
  if (state === undefined) return;
  const host = String(event.detail?.["remoteHost"] ?? "(no host may be used)");
  const row = rows.get(host) ?? {
    host,
    verified: 0,
    unverified: 0,
    failed: 0,
    lastProblem: null,
    lastAt: "",
  };
  if (!rows.has(host) && rows.size >= hostsMax) return;
  rows.set(host, row);
  row[state] += 1;
  row.lastAt = event.at.toISOString();
  if (state === "failed" && event.reply !== undefined) row.lastProblem = formatReply(event.reply);
}
