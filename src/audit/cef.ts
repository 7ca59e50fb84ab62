// An audit event as one line of ArcSight's Common Event Format, as SIEMs read it (CEF 0, sent by file or syslog).
import type { AuditEvent, EventType } from "./event.ts";

const fieldMaxCharacters = 1023; // what receivers keep of one value

/** 0–10 as CEF counts: what somebody should look at is 5 and more. */
const severities: Partial<Record<EventType, number>> = {
  Alarm: 8,
  Refusal: 3,
  Login: 4,
  User: 6,
  Token: 6,
  Credential: 6,
  KeyChange: 7,
  Approval: 5,
  Export: 5,
  Erasure: 5,
  Config: 6,
};
const standardSeverity = 2;

/** Without a line end. Addresses are in it only where `event.recipient` is: mask before, where they must not be. */
export function formatCef(event: AuditEvent): string {
  const head = ["CEF:0", "Sekisho", "Sekisho", "1", event.type, nameOf(event)];
  const detail = Object.entries(event.detail ?? {})
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}:${Array.isArray(value) ? value.join(",") : String(value)}`)
    .join(" ");
  const fields: readonly (readonly [string, string | undefined])[] = [
    ["rt", String(event.at.getTime())],
    ["externalId", `${event.chain}-${event.sequence}`],
    ["suser", event.actor],
    ["src", sourceOf(event)],
    ["duser", event.recipient],
    ["reason", event.reason],
    ["act", textOf(event.detail?.["change"] ?? event.detail?.["result"])],
    ["cs1Label", event.messageId === undefined ? undefined : "messageId"],
    ["cs1", event.messageId],
    ["cs2Label", event.stream === undefined ? undefined : "stream"],
    ["cs2", event.stream],
    ["cs3Label", event.sender === undefined ? undefined : "sender"],
    ["cs3", event.sender],
    ["msg", detail === "" ? undefined : detail],
  ];
  const extension = fields.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`${name}=${escapeValue(value)}`],
  );
  const severity = String(severities[event.type] ?? standardSeverity);
  return `${[...head, severity].map(escapeHead).join("|")}|${extension.join(" ")}`;
}

/** An IP address: of a signing key, `from` is the state that it had. */
function sourceOf({ detail }: AuditEvent): string | undefined {
  const given = [detail?.["from"], detail?.["remote"], detail?.["address"]].map(textOf);
  return given.find((text) => text !== undefined && /[.:]/.test(text));
}

function nameOf(event: AuditEvent): string {
  const change = textOf(event.detail?.["change"] ?? event.detail?.["result"]);
  return change === undefined ? event.type : `${event.type} ${change}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function escapeHead(text: string): string {
  return text.replace(/[\\|]/g, "\\$&").replace(/[\r\n]+/g, " ");
}

function escapeValue(text: string): string {
  return text
    .slice(0, fieldMaxCharacters)
    .replace(/[\\=]/g, "\\$&")
    .replace(/\r?\n|\r/g, "\\n");
}
