// Turns stored content into the message as it leaves, but for the signature: our headers on top, private ones taken out.
import type { Domain } from "../mail/domain.ts";
import { readField, splitMessage, type HeaderField, type SplitMessage } from "../mail/header.ts";
import { bad, ok, type Parsed } from "../mail/parsed.ts";
import { formatDate } from "./date.ts";

/** Changes to the header that belong to a stream or a recipient: List-Unsubscribe, Feedback-ID … */
export interface HeaderLines {
  /** Whole fields, one character an octet, each ending in CRLF; put on top in this order. */
  readonly add: readonly string[];
  /** Names in lower case of the client's fields to take out. */
  readonly remove: readonly string[];
  /**
   * Lower-case name of a field beside whose value none of this is done, nor where the client's own signature covers it.
   * An empty one says nothing, and is no hindrance.
   */
  readonly unless?: string;
}

export interface ComposeFacts {
  readonly messageId: string;
  readonly hostname: string;
  readonly receivedAt: Date;
  readonly trace: { readonly helo: string; readonly protocol: string };
  readonly fromDomain: Domain;
  readonly headers: HeaderLines;
}

/** Bcc tells others who else got it; Return-Path belongs to the last host (RFC 5321 §4.4); ours are for us alone. */
const removedKeys = new Set(["bcc", "resent-bcc", "return-path"]);
const controlPrefix = "x-sekisho-";
const ownFieldsMax = 20;

export interface Composed {
  readonly message: Buffer;
  /** What splitMessage makes of it. */
  readonly split: SplitMessage;
}

/**
 * The body's octets and every field that stays are the client's own. All that is added is equal for each recipient with
 * equal `headers`, so that one signature serves them all. Bad where the header is malformed.
 */
export function compose(content: Buffer, facts: ComposeFacts): Parsed<Composed> {
  const { fields, malformed, bodyOffset } = splitMessage(content);
  if (malformed.length > 0) return bad("has a header line that is no field");
  const has = (key: string): boolean => fields.some((field) => field.key === key);
  const covered = coveredKeys(fields);
  const { unless } = facts.headers;
  const isUntouched =
    unless !== undefined &&
    (covered.has(unless) || fields.some(({ key, value }) => key === unless && value !== ""));
  const headers: HeaderLines = isUntouched ? { add: [], remove: [] } : facts.headers;
  const problem = headers.add.map(fieldProblem).find((found) => found !== undefined);
  if (problem !== undefined || headers.add.length > ownFieldsMax)
    return bad(`was given a header that ${problem ?? "is one of too many"}`);
  const removed = new Set(headers.remove);
  // A signature that the message came with stays good: no field that it covers is added. Those to be replaced are.
  const replaced = unless === undefined ? removed : new Set<string>();
  const fits = ({ key }: HeaderField): boolean => !covered.has(key) || replaced.has(key);
  const stays = ({ key }: HeaderField): boolean =>
    !removedKeys.has(key) && !key.startsWith(controlPrefix) && !removed.has(key);
  const added = [receivedField(facts), ...headers.add];
  // RFC 6409 §8.2, §8.3: a submission server may complete what the client left out.
  if (!has("date")) added.push(`Date: ${formatDate(facts.receivedAt)}\r\n`);
  if (!has("message-id")) added.push(`Message-ID: <${facts.messageId}@${facts.fromDomain}>\r\n`);
  const ours = added.flatMap((line) => readField(line) ?? []).filter(fits);
  return ok(putTogether([...ours, ...fields.filter(stays)], content.subarray(bodyOffset)));
}

function putTogether(fields: readonly HeaderField[], body: Buffer): Composed {
  let header = "";
  for (const { raw } of fields) header += raw.endsWith("\r\n") ? raw : `${raw}\r\n`;
  header += "\r\n";
  return {
    message: Buffer.concat([Buffer.from(header, "latin1"), body]),
    split: { fields, malformed: [], bodyOffset: header.length },
  };
}

/** The fields named in `h=` of signatures that came with the message (RFC 6376 §3.5), in lower case. */
function coveredKeys(fields: readonly HeaderField[]): ReadonlySet<string> {
  const keys = fields
    .filter(({ key }) => key === "dkim-signature")
    .flatMap(({ value }) => /(?:^|;)\s*h\s*=([^;]*)/i.exec(value)?.[1]?.split(":") ?? []);
  return new Set(keys.map((key) => key.trim().toLowerCase()));
}

/** RFC 5321 §4.4. Who the client is stays between us: no address of its own, and no recipient. */
function receivedField(facts: ComposeFacts): string {
  const helo = /^[A-Za-z0-9.:[\]-]{1,255}$/.test(facts.trace.helo) ? facts.trace.helo : "unknown";
  const protocol = /^[A-Z0-9]{1,20}$/.test(facts.trace.protocol) ? facts.trace.protocol : "ESMTP";
  return (
    `Received: from ${helo}\r\n` +
    `\tby ${facts.hostname} with ${protocol} id ${facts.messageId};\r\n` +
    `\t${formatDate(facts.receivedAt)}\r\n`
  );
}

/** A field that ends early or runs on would let one header become two. */
function fieldProblem(field: string): string | undefined {
  if (!/^[\x21-\x39\x3b-\x7e]+:/.test(field)) return "has no name";
  if (!field.endsWith("\r\n")) return "does not end in CRLF";
  return /^(?:[^\r\n]|\r\n[ \t])*$/.test(field.slice(0, -2)) ? undefined : "has a bare line end";
}
