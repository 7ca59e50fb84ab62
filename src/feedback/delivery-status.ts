// Fields of a delivery status notification (RFC 3464), found wherever they stand: in their own part, or in running text.

export interface StatusBlock {
  readonly finalRecipient?: string;
  readonly originalRecipient?: string;
  /** failed, delayed, delivered, relayed, expanded; lower case. */
  readonly action?: string;
  /** `5.1.1`, without its comment. */
  readonly status?: string;
  /** The words behind the type; undefined where there are none or only a number. */
  readonly diagnostic?: string;
  readonly diagnosticType?: string;
  readonly remoteHost?: string;
  /** What PowerMTA concluded itself (X-PowerMTA-BounceCategory). */
  readonly category?: string;
}

export interface StatusReport {
  readonly blocks: readonly StatusBlock[];
  /** Any field of a report was seen, with or without recipients. */
  readonly found: boolean;
}

const blocksMax = 100; // our copies go to one recipient each; some relays join a few
const wanted =
  /^(final-recipient|original-recipient|x-actual-recipient|action|status|diagnostic-code|remote-mta|reporting-mta|arrival-date|x-powermta-bouncecategory)[ \t]*:[ \t]*(.*)$/i;

/** Fields that nobody writes but a reporter; `Status:` and `Action:` stand in other mail too. */
const telling = new Set([
  "final-recipient",
  "original-recipient",
  "diagnostic-code",
  "reporting-mta",
]);

/** `text` in LF line ends; lines may be quoted with `> `. */
export function readStatusReport(text: string): StatusReport {
  const blocks: StatusBlock[] = [];
  let fields = new Map<string, string>();
  let open: string | undefined;
  let found = false;
  const close = (): void => {
    const block = toBlock(fields);
    // A report that stands in the message twice (as a part and in the text) is one.
    const isKnown = blocks.some((known) => isSameRecipient(known, block));
    if (block !== undefined && !isKnown) blocks.push(block);
    fields = new Map();
    open = undefined;
  };
  for (const quoted of text.split("\n")) {
    if (blocks.length >= blocksMax) break;
    const line = quoted.replace(/^(?:> ?)+/, "");
    const match = wanted.exec(line);
    if (match !== null) {
      const key = (match[1] ?? "").toLowerCase();
      found ||= telling.has(key);
      // Some leave out the blank line between two recipients.
      if (key === "final-recipient" && fields.has(key)) close();
      if (!fields.has(key)) fields.set(key, match[2] ?? "");
      open = key;
    } else if (line.trim() === "") close();
    else if (/^[ \t]/.test(line) && open !== undefined)
      fields.set(open, `${fields.get(open) ?? ""} ${line.trim()}`);
    else open = undefined;
  }
  close();
  return { blocks, found };
}

function isSameRecipient(known: StatusBlock, block: StatusBlock | undefined): boolean {
  const name = (block?.finalRecipient ?? block?.originalRecipient)?.toLowerCase();
  return (
    name !== undefined && name === (known.finalRecipient ?? known.originalRecipient)?.toLowerCase()
  );
}

function toBlock(fields: ReadonlyMap<string, string>): StatusBlock | undefined {
  const finalRecipient = addressOf(fields.get("final-recipient"));
  const originalRecipient = addressOf(fields.get("original-recipient"));
  const action = /^[a-z]+/.exec((fields.get("action") ?? "").trim().toLowerCase())?.[0];
  const status = /[245]\.\d{1,3}\.\d{1,3}/.exec(fields.get("status") ?? "")?.[0];
  const isRecipientBlock =
    finalRecipient !== undefined ||
    originalRecipient !== undefined ||
    (/^(?:failed|delayed|delivered|relayed|expanded)$/.test(action ?? "") &&
      (status !== undefined || fields.has("diagnostic-code")));
  if (!isRecipientBlock) return undefined;
  const diagnostic = diagnosticOf(fields.get("diagnostic-code"));
  const remoteHost = /(?:dns|smtp)?;?\s*([a-z0-9][a-z0-9.-]*\.[a-z]{2,})/i.exec(
    fields.get("remote-mta") ?? "",
  )?.[1];
  const category = fields.get("x-powermta-bouncecategory")?.trim().toLowerCase();
  return {
    ...(finalRecipient === undefined ? {} : { finalRecipient }),
    ...(originalRecipient === undefined ? {} : { originalRecipient }),
    ...(action === undefined ? {} : { action }),
    ...(status === undefined ? {} : { status }),
    ...diagnostic,
    ...(remoteHost === undefined ? {} : { remoteHost }),
    ...(category === undefined ? {} : { category }),
  };
}

/** The address behind `rfc822;` or `utf-8;`, out of its angle brackets; undefined where it has no local part or domain. */
function addressOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = value
    .replace(/^\s*[a-z0-9-]+\s*;/i, "")
    .trim()
    .replace(/^<(.*)>.*$/, "$1")
    .trim();
  return /^[^\s@]+@[^\s@]+$|^"[^"]+"@[^\s@]+$/.test(text) ? text : undefined;
}

function diagnosticOf(
  value: string | undefined,
): Pick<StatusBlock, "diagnostic" | "diagnosticType"> {
  if (value === undefined) return {};
  const match = /^\s*([A-Za-z0-9_-]+)\s*;\s*(.*)$/s.exec(value);
  const words = (match?.[2] ?? value).trim();
  const type = match?.[1]?.toLowerCase();
  return {
    ...(type === undefined ? {} : { diagnosticType: type }),
    // `X-Unix; 77` is an exit status: the words stand in the transcript.
    ...(words.length === 0 || /^\d{1,3}$/.test(words) ? {} : { diagnostic: words }),
  };
}
