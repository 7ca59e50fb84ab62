// Names of rules and their packs, as streams use them. The rules themselves stand in policy/packs: each command reads the
// configuration, few judge a message. test/config.test.ts holds both to each other.

/** A stream names these in `rules`. */
export const namedPacks: readonly string[] = ["jp", "jp-tokusho"];

/** A stream may name these in `observe` and `disable`: packs as a whole, and rules. */
export const ruleNames: readonly string[] = [
  "mime",
  "mime/readable",
  "human",
  "human/recipients-exposed",
  "human/placeholder",
  "human/unsafe-link",
  "human/misleading-subject",
  "human/personal-number",
  "human/list-unsubscribe",
  "human/header",
  "jp",
  "jp/name",
  "jp/opt-out-address",
  "jp/opt-out-notice",
  "jp/address",
  "jp/contact",
  "jp/business-card",
  "jp/label",
  "jp/privacy-link",
  "jp/class",
  "jp-tokusho",
  "jp-tokusho/opt-out",
  "jp-tokusho/display",
  "jp-tokusho/seller-mail",
];
