// What the system refuses is told by its name, with what to do.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

import { expect, test } from "vitest";

import { messageOf } from "./system-error.ts";

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

test("a file that is not there, and a path through a file, are told by name", () => {
  const none = join(import.meta.dirname, "none.csv");
  expect(messageOf(thrownBy(() => readFileSync(none)))).toBe(
    `${none} does not exist: name what is there (ENOENT)`,
  );
  const through = join(import.meta.filename, "list.csv");
  expect(messageOf(thrownBy(() => readFileSync(through)))).toMatch(
    /name another path \(ENOTDIR\)$/,
  );
});

test("a port that another program has is told with the settings to change", async () => {
  const [first, second] = [createServer(), createServer()];
  await once(first.listen(0, "127.0.0.1"), "listening");
  const { port } = first.address() as AddressInfo;
  const [error] = (await once(second.listen(port, "127.0.0.1"), "error").catch(
    (refusal: unknown) => [refusal],
  )) as [unknown];
  first.close();
  expect(messageOf(error)).toBe(
    `127.0.0.1:${port} is taken by another program: end that one, or change smtp.listeners or http.port (EADDRINUSE)`,
  );
});

test.each([
  [
    { syscall: "mkdir", code: "EACCES", path: "/backup/x" },
    /^\/backup\/x is closed to the user \S+: give/,
  ],
  [
    { syscall: "open", code: "EROFS", path: "/etc/x" },
    /^\/etc\/x lies where nothing can be written/,
  ],
  [
    { syscall: "listen", code: "EACCES", address: "0.0.0.0", port: 25 },
    /^0\.0\.0\.0:25 is closed.*CAP_NET/,
  ],
  [
    { syscall: "listen", code: "EADDRNOTAVAIL", address: "192.0.2.1", port: 25 },
    /no address of this machine/,
  ],
  [
    { syscall: "getaddrinfo", code: "ENOTFOUND", hostname: "gw.example.jp" },
    /^the name gw\.example\.jp leads to no address/,
  ],
  [{ syscall: "mkdir", code: "EEXIST", path: "/srv/data" }, /^\/srv\/data is there already/],
  [{ syscall: "read", code: "EIO" }, /^broken$/],
  [{}, /^broken$/],
])("%j", (details, words) => {
  expect(messageOf(Object.assign(new Error("broken"), details))).toMatch(words);
});
