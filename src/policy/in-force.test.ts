// Settings under four eyes: what runs, what is recorded, what is asked for.
import fc from "fast-check";
import { expect, test } from "vitest";

import { parseDomain, type Domain } from "../mail/domain.ts";
import { changedSettings, putInForce, type SettingsChange } from "./in-force.ts";
import type { ApprovalKind, Sender, Stream } from "./stream.ts";

function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  return parsed.value;
}

function sender(
  id: string,
  approvals: readonly ApprovalKind[],
  change: Partial<Sender> = {},
): Sender {
  return {
    id,
    legal: { names: [`${id} Ltd`], addresses: [], contacts: [], optOutHosts: [] },
    domains: [domain(`${id}.example`)],
    strictOptIn: false,
    approvals,
    ...change,
  };
}

function stream(id: string, of: Sender, change: Partial<Stream> = {}): Stream {
  return {
    id,
    sender: of,
    class: "marketing",
    topic: "news",
    rules: ["jp"],
    onViolation: "refuse",
    observe: [],
    disabled: [],
    listUnsubscribe: "add",
    ...change,
  };
}

type Records = ReadonlyMap<string, string>;
const applied = (records: Records, changes: readonly SettingsChange[]): Records =>
  new Map([...records, ...changes.map(({ name, after }) => [name, after] as const)]);
const names = (changes: readonly SettingsChange[]): readonly string[] =>
  changes.map(({ name }) => name);

/** The records after a first start with these. */
function begun(...streams: readonly Stream[]): Records {
  const senders = [...new Set(streams.map((each) => each.sender))];
  return applied(new Map(), putInForce({ senders, streams }, new Map()).adopt);
}

test("the first start takes the file as it is, whatever is guarded", () => {
  const sample = sender("sample", ["sender", "rules"]);
  const file = { senders: [sample], streams: [stream("news", sample)] };
  const first = putInForce(file, new Map());
  expect([first.senders, first.streams]).toEqual([file.senders, file.streams]);
  expect(first.ask).toEqual([]);
  expect(names(first.adopt)).toEqual(["sender:sample", "stream:news"]);
  const again = putInForce(file, applied(new Map(), first.adopt));
  expect([again.adopt, again.ask]).toEqual([[], []]);
});

test("where nothing is guarded every change follows the file, and is recorded", () => {
  const before = sender("sample", ["release"]);
  const records = begun(stream("news", before));
  const after = sender("sample", [], { domains: [domain("new.example")] });
  const file = { senders: [after], streams: [stream("news", after, { rules: [] })] };
  const next = putInForce(file, records);
  expect([next.senders, next.streams, next.ask]).toEqual([file.senders, file.streams, []]);
  expect(names(next.adopt)).toEqual(["sender:sample", "stream:news"]);
});

test("a guarded rule stays as it was; what is not guarded follows at once", () => {
  const before = sender("sample", ["rules"]);
  const records = begun(stream("news", before));
  const after = sender("sample", ["rules"], {
    domains: [domain("new.example")],
    strictOptIn: true,
  });
  const weaker = stream("news", after, { rules: [], class: "transactional" });
  const next = putInForce({ senders: [after], streams: [weaker] }, records);
  expect(next.senders[0]?.domains).toEqual(["new.example"]);
  expect(next.senders[0]?.strictOptIn).toBe(false);
  expect(next.streams[0]).toMatchObject({ rules: ["jp"], class: "marketing" });
  expect(next.streams[0]?.sender).toBe(next.senders[0]);
  expect(names(next.ask)).toEqual(["sender:sample", "stream:news"]);
  expect(names(next.adopt)).toEqual(["sender:sample"]); // The domain.
  const approved = applied(applied(records, next.adopt), next.ask);
  const then = putInForce({ senders: [after], streams: [weaker] }, approved);
  expect(then.streams[0]).toMatchObject({ rules: [], class: "transactional" });
  expect([then.adopt, then.ask]).toEqual([[], []]);
});

test("the guard cannot be taken away first, nor by leaving the sender out for a while", () => {
  const before = sender("sample", ["rules", "sender"]);
  const records = begun(stream("news", before));
  const bare = sender("sample", [], { domains: [domain("evil.example")] });
  const file = { senders: [bare], streams: [stream("news", bare, { rules: [] })] };
  const next = putInForce(file, records);
  expect(next.senders[0]?.approvals).toEqual(["rules", "sender"]);
  expect(next.senders[0]?.domains).toEqual(["sample.example"]);
  expect(next.streams[0]?.rules).toEqual(["jp"]);
  const gone = putInForce({ senders: [], streams: [] }, records);
  expect([gone.adopt, gone.ask]).toEqual([[], []]);
  const back = putInForce(file, applied(records, gone.adopt));
  expect(back.senders[0]?.domains).toEqual(["sample.example"]);
});

test.each<ApprovalKind>(["sender", "rules"])(
  "a guard of %s alone cannot be taken away without a second person",
  (kind) => {
    const records = begun(stream("news", sender("sample", [kind])));
    const bare = sender("sample", []);
    const next = putInForce({ senders: [bare], streams: [stream("news", bare)] }, records);
    expect(next.senders[0]?.approvals).toEqual([kind]);
    expect(names(next.ask)).toEqual(["sender:sample"]);
  },
);

test("a guard that the file takes on holds already for what changes with it", () => {
  const { approvals: _none, ...before } = sender("sample", []);
  const records = begun(stream("news", before));
  const after = sender("sample", ["sender", "rules"], { domains: [domain("new.example")] });
  const file = { senders: [after], streams: [stream("news", after, { rules: [] })] };
  const next = putInForce(file, records);
  expect(next.senders[0]?.domains).toEqual(["sample.example"]);
  expect(next.streams[0]?.rules).toEqual(["jp"]);
  expect(names(next.ask)).toEqual(["sender:sample", "stream:news"]);
});

test("one record is enough to know a gateway that has begun", () => {
  const sample = sender("sample", ["sender", "rules"]);
  const first = putInForce({ senders: [sample], streams: [] }, new Map());
  const records = applied(new Map(), first.adopt);
  expect([...records.keys()]).toEqual(["sender:sample"]);
  const other = sender("other", []);
  const file = { senders: [sample, other], streams: [stream("news", sample)] };
  const next = putInForce(file, records);
  expect(names(next.ask)).toEqual(["sender:other", "stream:news"]);
  expect(next.senders[1]).toEqual(other);
  expect(next.streams[0]?.awaitsApproval).toBe(true);
});

test("a stream of a guarded sender that has left the file waits, whoever has it now", () => {
  const free = sender("free", []);
  const records = begun(stream("news", sender("guarded", ["rules"])), stream("open", free));
  const file = { senders: [free], streams: [stream("news", free), stream("open", free)] };
  const next = putInForce(file, records);
  expect(next.streams.map(({ awaitsApproval = false }) => awaitsApproval)).toEqual([true, false]);
  expect(names(next.ask)).toEqual(["stream:news"]);
});

test("a new sender waits with its streams where any sender guards new ones, and a new stream where its sender guards rules", () => {
  const sample = sender("sample", ["sender", "rules"]);
  const records = begun(stream("news", sample));
  const other = sender("other", []);
  const file = {
    senders: [sample, other],
    streams: [stream("news", sample), stream("more", sample), stream("theirs", other)],
  };
  const next = putInForce(file, records);
  expect(next.streams.map(({ id, awaitsApproval = false }) => [id, awaitsApproval])).toEqual([
    ["news", false],
    ["more", true],
    ["theirs", true],
  ]);
  expect(names(next.ask)).toEqual(["sender:other", "stream:more"]);
  const approved = putInForce(file, applied(records, next.ask));
  expect(approved.streams.every(({ awaitsApproval }) => awaitsApproval !== true)).toBe(true);
  expect(names(approved.adopt)).toEqual(["stream:theirs"]);
});

test("a stream does not change hands past the guard of either sender", () => {
  const guarded = sender("guarded", ["rules"]);
  const free = sender("free", []);
  const records = begun(stream("news", guarded), stream("open", free));
  const file = {
    senders: [guarded, free],
    streams: [stream("news", free), stream("open", guarded)],
  };
  const next = putInForce(file, records);
  expect(next.streams.map(({ id, sender: of }) => [id, of.id])).toEqual([
    ["news", "guarded"],
    ["open", "free"],
  ]);
  expect(names(next.ask)).toEqual(["stream:news", "stream:open"]);
});

test("a setting that older records do not have is nobody's change", () => {
  const sample = sender("sample", ["rules"]);
  const records = new Map(begun(stream("news", sample)));
  const { placeholder: _placeholder, ...old } = JSON.parse(records.get("stream:news") ?? "") as Record<string, unknown>; // prettier-ignore
  records.set("stream:news", JSON.stringify(old));
  const file = { senders: [sample], streams: [stream("news", sample, { placeholder: true })] };
  const next = putInForce(file, records);
  expect([next.ask, names(next.adopt)]).toEqual([[], ["stream:news"]]);
  expect(next.streams[0]?.placeholder).toBe(true);
});

test("tells what changed, and nothing else", () => {
  const before = JSON.stringify({ rules: ["jp"], topic: "news", gone: 1 });
  const after = JSON.stringify({ rules: [], topic: "news" });
  expect(changedSettings(before, after)).toEqual({
    before: '{"rules":["jp"],"gone":1}',
    after: '{"rules":[],"gone":null}',
  });
  expect(changedSettings(undefined, after).before).toBe("");
});

test("whatever a file says, and in however many steps: no guarded setting runs that was not in force before", () => {
  const kinds = fc.subarray<ApprovalKind>(["sender", "rules", "release"]);
  const step = fc.record({
    approvals: kinds,
    domains: fc.subarray(["a.example", "b.example", "c.example"], { minLength: 1 }),
    strictOptIn: fc.boolean(),
    rules: fc.subarray(["jp", "jp-tokusho"]),
    present: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const first = sender("sample", ["sender", "rules"]);
      let records = begun(stream("news", first));
      for (const { approvals, domains, strictOptIn, rules, present } of steps) {
        const now = sender("sample", approvals, { domains: domains.map(domain), strictOptIn });
        const file = present
          ? { senders: [now], streams: [stream("news", now, { rules })] }
          : { senders: [], streams: [] };
        const { adopt, senders, streams } = putInForce(file, records);
        records = applied(records, adopt); // Nobody ever approves.
        for (const each of senders)
          expect(each).toMatchObject({
            domains: ["sample.example"],
            strictOptIn: false,
            approvals: ["sender", "rules"],
          });
        for (const each of streams) expect(each.rules).toEqual(["jp"]);
      }
    }),
  );
});
