// What is installed is what was locked, by its hash, without running anything of its own.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
}

const root = resolve(import.meta.dirname, "../..");
const read = (name: string): string => readFileSync(join(root, name), "utf8");
const manifest = JSON.parse(read("package.json")) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;
const lock = JSON.parse(read("package-lock.json")) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");

test("row 91: every dependency is pinned to one version", () => {
  const ranges = ["dependencies", "devDependencies", "optionalDependencies", "overrides"].flatMap(
    (section) =>
      Object.entries(manifest[section] ?? {}).filter(
        ([, version]) => !/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version),
      ),
  );
  expect(ranges).toEqual([]);
});

test("row 91: every locked package has its hash, and comes over https", () => {
  expect(packages.length).toBeGreaterThan(50);
  const bare = packages.filter(
    ([, { integrity, resolved }]) =>
      integrity?.startsWith("sha512-") !== true ||
      (resolved !== undefined && !resolved.startsWith("https:")),
  );
  expect(bare.map(([path]) => path)).toEqual([]);
});

test("row 91: no install script runs, neither here nor in the image", () => {
  expect(read(".npmrc")).toMatch(/^ignore-scripts=true$/m);
  expect(read("Dockerfile")).toMatch(/^COPY .*\.npmrc/m);
});

test("row 91: there is one copy of the libraries that touch mail, keys and the database", () => {
  for (const name of ["mailauth", "smtp-server", "better-sqlite3", "htmlparser2"]) {
    const copies = packages.filter(([path]) => path.endsWith(`node_modules/${name}`));
    const places = copies.filter(([, { dev }]) => dev !== true).map(([path]) => path);
    expect(places).toEqual([`node_modules/${name}`]);
  }
});
