// Finds what must never enter the ledger: an Individual Number (マイナンバー) or a payment card's number (law.md S94).
import { isCardNumber, isIndividualNumber } from "../consent/check-digits.ts";
import type { Evidence } from "../consent/event.ts";

export type PersonalNumber = "individual-number" | "card-number";

// Digits in one run or in groups, and not a piece of a longer word, URL, path or international phone number.
const candidates = /(?<![\p{L}\p{N}._/=?&%+#:-])\d(?:[ -]?\d){11,18}(?![\p{L}\p{N}_/=?&%@-])/gu;

/** Fields of evidence that hold such a number, as columns of a table name them. */
export function personalNumberFields(evidence: Evidence): readonly string[] {
  const { method, source, wording, policyVersion, more } = evidence;
  const fields = { method, source, wording, policy_version: policyVersion, ...more };
  return Object.entries(fields).flatMap(([name, value]) =>
    value !== undefined && findPersonalNumber(value) !== undefined ? [name] : [],
  );
}

const digitsMin = 12; // of an Individual Number; a card's has more

/** What kind of number the text holds, if any. Full-width digits count. */
export function findPersonalNumber(text: string): PersonalNumber | undefined {
  if (!mayHold(text)) return undefined;
  for (const match of text.normalize("NFKC").matchAll(candidates)) {
    const digits = match[0].replace(/[ -]/g, "");
    if (isIndividualNumber(digits) && !isTime(digits)) return "individual-number";
    if (isCardNumber(digits)) return "card-number";
  }
  return undefined;
}

/**
 * Whether enough digits follow one another, parted by spaces, hyphens or characters beyond ASCII at most. Most cells are
 * done with here, dates and URLs among them.
 */
function mayHold(text: string): boolean {
  let run = 0;
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if ((code >= 0x30 && code <= 0x39) || (code >= 0xff10 && code <= 0xff19)) {
      run += 1;
      if (run === digitsMin) return true;
    } else if (code !== 0x20 && code !== 0x2d && code < 0x80) run = 0;
  }
  return false;
}

/**
 * A day of our time and a minute of it, as in 202604010006: one in ten has a check digit that fits, and of Individual
 * Numbers two in a hundred thousand look like one.
 */
function isTime(digits: string): boolean {
  return /^20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d$/.test(digits);
}
