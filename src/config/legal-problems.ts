// What a sender says of itself and no message can show: such a setting has all its mail refused, and the mail is blamed.
import { parseAddress } from "../mail/address.ts";
import type { ConfigProblem } from "./config-error.ts";
import type { GatewayFile } from "./schema/gateway.ts";

export function legalProblems({ senders }: GatewayFile): readonly ConfigProblem[] {
  return senders.flatMap(({ legal }, index) => [
    ...(["names", "addresses"] as const).flatMap((key) =>
      legal[key].flatMap((text, place) =>
        text.trim() !== ""
          ? []
          : problem(
              `senders[${index}].legal.${key}[${place}]`,
              text,
              "is blank",
              "Write it, or take it out.",
            ),
      ),
    ),
    ...legal.contacts.flatMap((contact, place) =>
      isContact(contact)
        ? []
        : problem(
            `senders[${index}].legal.contacts[${place}]`,
            contact,
            "is no phone number, mail address or URL",
            "Write one of these and nothing beside it, such as 03-0000-0000, support@example.jp or https://www.example.jp/contact.",
          ),
    ),
  ]);
}

function problem(path: string, found: string, what: string, remedy: string): ConfigProblem[] {
  return [{ path, found: JSON.stringify(found), problem: what, remedy }];
}

function isContact(text: string): boolean {
  if (/^https?:\/\//i.test(text)) return URL.canParse(text);
  const isPhone = /^(?=\D*\d)[+\d()\s.‐-―−ー-]+$/u.test(text.normalize("NFKC")); // as jp/contact reads it
  return isPhone || parseAddress(text).kind === "ok";
}
