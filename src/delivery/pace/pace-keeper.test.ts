import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { parseDomain } from "../../mail/domain.ts";
import { createPace, type Pace } from "./pace.ts";
import { readPaceState } from "./pace-file.ts";
import { keepPace, paceFileName } from "./pace-keeper.ts";

const quiet = { debug: noop, info: noop, warn: noop, error: noop };
const parsed = parseDomain("a.test");
if (parsed.kind === "bad") throw new Error(parsed.problem);
const load = {
  destination: parsed.value,
  sender: "sample",
  stream: "news",
  fromDomain: "example.jp",
};

function noop(): void {
  // Nobody reads it.
}

/** A process's pace, with what the one before has left in the folder. */
function open(stateDir: string): Disposable & { readonly pace: Pace } {
  const pace = createPace({
    shaping: { groups: [], ladder: [2, 4] },
    sources: [{ kind: "from", name: "example.jp", rates: [], warmUp: new Date() }],
    maxOf: () => 8,
    clock: () => new Date(),
  });
  const keeper = keepPace({ stateDir, pace, waits: () => [], log: quiet });
  return { pace, [Symbol.dispose]: () => keeper[Symbol.dispose]() };
}

test("a restart gives no share of a warm-up anew", () => {
  const stateDir = mkdtempSync(join(tmpdir(), "sekisho-pace-"));
  {
    using first = open(stateDir);
    const now = performance.now();
    for (let message = 0; message < 2; message += 1)
      expect(first.pace.begin(load, now)).toHaveProperty("taken");
    expect(first.pace.begin(load, now)).toHaveProperty("why");
  }
  {
    using second = open(stateDir);
    expect(second.pace.begin(load, performance.now())).toMatchObject({
      why: "warm-up of example.jp, day 1",
    });
  }
  rmSync(stateDir, { recursive: true });
});

test("what in the file is no warm-up is passed over", () => {
  const stateDir = mkdtempSync(join(tmpdir(), "sekisho-pace-"));
  const file = join(stateDir, paceFileName);
  const good = { kind: "from", name: "example.jp", group: "a.test", day: 1, fullAt: 2 };
  const bad = [{ ...good, kind: "x" }, { ...good, day: 1.5 }, { ...good, fullAt: "2" }, null, 7];
  writeFileSync(file, JSON.stringify({ warmUps: [...bad, good] }));
  expect(readPaceState(file)).toMatchObject({ pauses: [], waits: [], warmUps: [good] });
  rmSync(stateDir, { recursive: true });
});
