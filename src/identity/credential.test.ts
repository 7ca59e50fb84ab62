import { expect, test } from "vitest";

import { createSecret } from "./credential.ts";

test("a secret can stand in any command line: none of 2000 begins with a hyphen", () => {
  const secrets = Array.from({ length: 2000 }, createSecret);
  for (const secret of secrets) expect(secret).toMatch(/^\w[\w-]{21}$/);
  expect(new Set(secrets).size).toBe(secrets.length);
});
