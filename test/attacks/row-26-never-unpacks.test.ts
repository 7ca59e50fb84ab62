// Nothing in the gateway unpacks what a message brings: an archive bomb has nobody to explode in.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

const source = resolve(import.meta.dirname, "../../src");

test("row 26: no code of the gateway can decompress", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  expect(files.length).toBeGreaterThan(100);
  const able = files.filter((file) =>
    /\b(?:createGunzip|createUnzip|createInflate\w*|gunzip\w*|unzip\w*|inflate\w*|brotliDecompress\w*|zstdDecompress\w*|DecompressionStream)\b/.test(
      readFileSync(join(source, file), "utf8"),
    ),
  );
  expect(able).toEqual([]);
});
