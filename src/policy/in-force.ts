// Which settings of senders and streams run: those of the file, or those before where a second person has not spoken yet.
//
// A record is what is in force of one sender or stream, as JSON. A setting that is guarded keeps its old value until people
// approve the new one; all others follow the file at once. A sender or stream without a record takes no mail where new
// ones are guarded. Records of what was taken out of the file stay, so that nothing comes back unguarded that way.
// The first start finds no record at all, and takes the file as it is.
import type { ApprovalKind, Sender, Stream } from "./stream.ts";

export interface Settings<S extends Sender, T extends Stream & { readonly sender: S }> {
  readonly senders: readonly S[];
  readonly streams: readonly T[];
}

export interface SettingsChange {
  /** `sender:ID` or `stream:ID`. */
  readonly name: string;
  /** Id of the sender whose setting it is. */
  readonly sender: string;
  /** JSON; absent: there was no record. */
  readonly before?: string;
  readonly after: string;
}

export interface InForce<S extends Sender, T extends Stream & { readonly sender: S }> {
  readonly senders: readonly S[];
  readonly streams: readonly T[];
  /** What goes into the record now. */
  readonly adopt: readonly SettingsChange[];
  /** What has to be asked for. */
  readonly ask: readonly SettingsChange[];
}

/** Which act each setting of a sender is guarded by; of a stream all are guarded by `rules`. */
const guardsOfSender = {
  legal: ["sender"],
  domains: ["sender"],
  replyDomains: ["sender"],
  strictOptIn: ["rules"],
  maxAges: ["rules"],
  approvals: ["sender", "rules"], // Whoever could take the guard away first would need nobody.
} as const satisfies Partial<Record<keyof Sender, readonly ApprovalKind[]>>;

const settingsOfStream = [
  "class",
  "topic",
  "rules",
  "onViolation",
  "observe",
  "disabled",
  "listUnsubscribe",
  "placeholder",
] as const satisfies readonly (keyof Stream)[];

type Facts = Readonly<Record<string, unknown>>;

/** `records`: by name, as they were adopted. */
export function putInForce<S extends Sender, T extends Stream & { readonly sender: S }>(
  file: Settings<S, T>,
  records: ReadonlyMap<string, string>,
): InForce<S, T> {
  const adopt: SettingsChange[] = [];
  const ask: SettingsChange[] = [];
  const guards = guardsOf(file.senders, records);
  const note = (name: string, sender: string, facts: Facts, guarded: Guarded): Judged => {
    const judged = judge(records.get(name), facts, guarded);
    const before = records.get(name);
    const about = { name, sender, ...(before === undefined ? {} : { before }) };
    if (judged.adopted !== undefined) adopt.push({ ...about, after: judged.adopted });
    if (judged.kept !== undefined) ask.push({ ...about, after: JSON.stringify(facts) });
    return judged;
  };
  const waiting = new Set<string>();
  const senders = file.senders.map((sender): S => {
    const guarded: Guarded = {
      new: records.size > 0 && guards.any.has("sender"),
      isGuarded: (setting) => guardOfSender(setting).some((kind) => guards.of(sender.id).has(kind)),
    };
    const judged = note(`sender:${sender.id}`, sender.id, factsOfSender(sender), guarded);
    if (judged.kept === "nothing") waiting.add(sender.id);
    return { ...sender, ...keptOf(judged) };
  });
  const streams = file.streams.map((stream): T => {
    const own = records.get(`stream:${stream.id}`);
    const former = own === undefined ? stream.sender.id : String(parse(own)["sender"]);
    const isGuarded = [stream.sender.id, former].some((id) => guards.of(id).has("rules"));
    // A sender that waits is asked for first: its streams are looked at once it is in force.
    if (waiting.has(stream.sender.id)) return { ...stream, awaitsApproval: true };
    const guarded = { new: records.size > 0 && isGuarded, isGuarded: () => isGuarded };
    const judged = note(`stream:${stream.id}`, stream.sender.id, factsOfStream(stream), guarded);
    const { sender: senderId = stream.sender.id, ...kept } = keptOf(judged);
    const sender = senders.find(({ id }) => id === senderId);
    if (judged.kept === "nothing" || sender === undefined)
      return { ...stream, awaitsApproval: true };
    return { ...stream, ...kept, sender };
  });
  return { senders, streams, adopt, ask };
}

/** What differs between two records, for people and the audit log: JSON of the settings concerned. */
export function changedSettings(
  before: string | undefined,
  after: string,
): { readonly before: string; readonly after: string } {
  const [old, young] = [before === undefined ? {} : parse(before), parse(after)];
  const names = Object.keys({ ...old, ...young }).filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(young[name]),
  );
  const pick = (facts: Facts): string =>
    JSON.stringify(Object.fromEntries(names.map((name) => [name, facts[name] ?? null])));
  return { before: before === undefined ? "" : pick(old), after: pick(young) };
}

interface Guarded {
  /** Whether one without a record waits. */
  readonly new: boolean;
  readonly isGuarded: (setting: string) => boolean;
}

interface Judged {
  /** What the record becomes now; undefined: it stays. */
  readonly adopted?: string;
  /** Settings that stay as they were; "nothing": there is nothing that they were. */
  readonly kept?: Facts | "nothing";
}

function judge(record: string | undefined, facts: Facts, guarded: Guarded): Judged {
  if (record === undefined)
    return guarded.new ? { kept: "nothing" } : { adopted: JSON.stringify(facts) };
  const stored = parse(record);
  // A setting that the record does not know is newer than the record: it was never anything else.
  const kept = Object.fromEntries(
    Object.entries(stored).filter(
      ([name, value]) =>
        name in facts &&
        JSON.stringify(value) !== JSON.stringify(facts[name]) &&
        guarded.isGuarded(name),
    ),
  );
  const next = JSON.stringify({ ...facts, ...kept });
  return {
    ...(next === record ? {} : { adopted: next }),
    ...(Object.keys(kept).length === 0 ? {} : { kept }),
  };
}

function keptOf({ kept }: Judged): Facts {
  return kept === undefined || kept === "nothing" ? {} : kept;
}

/** What guards each sender: by its record or by the file, whichever is stricter. */
function guardsOf(
  senders: readonly Sender[],
  records: ReadonlyMap<string, string>,
): {
  readonly of: (sender: string) => ReadonlySet<ApprovalKind>;
  readonly any: ReadonlySet<ApprovalKind>;
} {
  const all = new Map<string, Set<ApprovalKind>>();
  const add = (sender: string, kinds: readonly ApprovalKind[]): void => {
    const known = all.get(sender) ?? new Set();
    all.set(sender, new Set([...known, ...kinds]));
  };
  for (const { id, approvals = [] } of senders) add(id, approvals);
  for (const [name, record] of records) {
    if (!name.startsWith("sender:")) continue;
    const { approvals } = parse(record);
    add(name.slice("sender:".length), (approvals ?? []) as readonly ApprovalKind[]); // factsOfSender wrote it.
  }
  const none: ReadonlySet<ApprovalKind> = new Set();
  return {
    of: (sender) => all.get(sender) ?? none,
    any: new Set([...all.values()].flatMap((kinds) => [...kinds])),
  };
}

function guardOfSender(setting: string): readonly ApprovalKind[] {
  return setting in guardsOfSender ? guardsOfSender[setting as keyof typeof guardsOfSender] : [];
}

function factsOfSender(sender: Sender): Facts {
  const names = Object.keys(guardsOfSender) as readonly (keyof typeof guardsOfSender)[]; // Object.keys forgets the keys' type.
  return facts(names.map((name) => [name, sender[name]]));
}

function factsOfStream(stream: Stream): Facts {
  return facts([
    ["sender", stream.sender.id],
    ...settingsOfStream.map((name) => [name, stream[name]] as const),
  ]);
}

/** As JSON gives them back. */
function facts(entries: readonly (readonly [string, unknown])[]): Facts {
  return parse(JSON.stringify(Object.fromEntries(entries)));
}

function parse(record: string): Facts {
  return JSON.parse(record) as Facts; // Records are objects: written here, from typed values.
}
