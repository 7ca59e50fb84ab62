import { expect, test } from "vitest";

import { createGate } from "./gate.ts";

test("runs as many at once as allowed, lets as many wait as allowed, and turns the rest away", async () => {
  const gate = createGate(2, 3);
  const { promise, resolve } = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const task = async (): Promise<string> => {
    running += 1;
    most = Math.max(most, running);
    await promise;
    running -= 1;
    return "done";
  };
  const runs = Array.from({ length: 7 }, () => gate.run(task));
  resolve();
  const kinds = (await Promise.all(runs)).map(({ kind }) => kind);
  expect(kinds).toEqual(["done", "done", "done", "done", "done", "full", "full"]);
  expect(most).toBe(2);
});

test("a task that fails frees its place", async () => {
  const gate = createGate(1, 10);
  await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await gate.run(() => Promise.resolve(1))).toEqual({ kind: "done", value: 1 });
});
