// Reads complaints: feedback reports (RFC 5965, RFC 6591) and the forms of those who do not write them so.
import {
  fieldText,
  fieldValue,
  type ReturnedField,
  type ReturnedMessage,
  splitHeader,
} from "./returned-message.ts";

export interface Complaint {
  /** abuse, fraud, virus, opt-out, not-spam, auth-failure … as written, lower case. */
  readonly feedbackType: string;
  readonly recipients: readonly string[];
}

const recipientsMax = 100;
const fieldMaxCharacters = 20_000;
const addresses = /[^\s<>"'(),;:@][^\s<>"(),;:@]{0,63}@[A-Za-z0-9.-]{1,255}/g;

/** undefined where the message is no complaint. */
export function readComplaint(message: ReturnedMessage, text: string): Complaint | undefined {
  const part = message.parts.find((candidate) => candidate.type === "message/feedback-report");
  const source = part?.text ?? text;
  const feedbackType = /^feedback-type[ \t]*:[ \t]*([a-z-]+)/im.exec(source)?.[1]?.toLowerCase();
  const isReport =
    part !== undefined ||
    (feedbackType !== undefined && /^(?:user-agent|version)[ \t]*:/im.test(source)) ||
    message.reportType === "feedback-report";
  const original = originalFields(message);
  const microsoft = fieldValue(original, "x-hmxmroriginalrecipient");
  const isOther =
    microsoft !== undefined ||
    (message.originals.length > 0 &&
      /^\s*(?:complaint about message from|\[?abuse complaint|spam complaint)/i.test(
        fieldText(message.fields, "subject"),
      ));
  if (!isReport && !isOther) return undefined;
  const named = [
    ...source.matchAll(
      /^(?:original-rcpt-to|removal-recipient)[ \t]*:[ \t]*<?([^\s<>,;]+@[^\s<>,;]+)/gim,
    ),
  ].map((match) => match[1] ?? "");
  const recipients = [...named, ...(microsoft === undefined ? [] : addressesIn(microsoft))];
  const fallback = addressesIn(
    ["to", "delivered-to", "x-original-to"]
      .map((key) => fieldText(original, key))
      .find((value) => value !== "") ?? "",
  );
  return {
    feedbackType: feedbackType ?? "abuse",
    recipients: unique(recipients.length > 0 ? recipients : fallback).slice(0, recipientsMax),
  };
}

/** Fields of the first returned mail. */
export function originalFields(message: ReturnedMessage): readonly ReturnedField[] {
  const first = message.originals[0];
  return first === undefined ? [] : splitHeader(first.replace(/^\n+/, "")).fields;
}

/** Addresses of an address field, read loosely: a report is evidence, not a command. */
export function addressesIn(value: string): string[] {
  return [...value.slice(0, fieldMaxCharacters).matchAll(addresses)]
    .slice(0, recipientsMax)
    .map((match) => match[0]);
}

function unique(addresses: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const address of addresses)
    if (!seen.has(address.toLowerCase())) seen.set(address.toLowerCase(), address);
  return [...seen.values()];
}
