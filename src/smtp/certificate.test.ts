// What cannot serve TLS is told where the files are read, by their names: OpenSSL itself takes empty ones in silence.
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { makeSelfSigned } from "../../test/support/tls-pair.ts";
import { readCertificate, selfSignedCertificate } from "./certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "sekisho-certificate-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const pair = makeSelfSigned(["gw.example.jp"]);
const other = makeSelfSigned(["gw.example.jp"]);
const certFile = join(folder, "gateway.crt");
const keyFile = join(folder, "gateway.key");
const locked = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "x" },
});

function read(cert: string, key: string): () => unknown {
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  return () => readCertificate({ certFile, keyFile });
}

test("a pair is read, words before it and a chain behind it too", () => {
  expect(read(pair.cert, pair.key)()).toEqual({ ...pair, selfSigned: false });
  const cert = `Bag Attributes\n${pair.cert}${other.cert}`;
  expect(read(cert, pair.key)()).toEqual({ cert, key: pair.key, selfSigned: false });
});

test.each([
  ["an empty certificate", "", pair.key, `${certFile} holds no certificate`],
  ["an empty key", pair.cert, "", `${keyFile} holds no private key`],
  ["a key with a pass phrase", pair.cert, locked.privateKey, `${keyFile} holds no private key`],
  ["a certificate in the key's place", pair.cert, pair.cert, `${keyFile} holds no private key`],
  ["another key", pair.cert, other.key, `${keyFile} is not the key of`],
])("%s is refused by its file's name", (_what, cert, key, words) => {
  expect(read(cert, key)).toThrow(words);
});

test.skipIf(process.platform === "win32")(
  "of a self-signed pair that a full disk cut short nothing stands in the way of the next start",
  async () => {
    const home = join(folder, "made");
    const hostname = `${"gateway".repeat(5)}.example.jp`;
    const script = `import { selfSignedCertificate } from ${JSON.stringify(join(import.meta.dirname, "certificate.ts"))};
    await selfSignedCertificate(${JSON.stringify(home)}, "${hostname}");`;
    // The key fits into 512 octets, the certificate does not: write(2) takes a part, then fails with EFBIG.
    const limited = `trap '' XFSZ; ulimit -f 1; exec "$0" "$@"`;
    const args = ["-c", limited, process.execPath, "--input-type=module", "--eval", script];
    const run = spawnSync("sh", args, { encoding: "utf8" });
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining("EFBIG")]);
    expect(await selfSignedCertificate(home, hostname)).toMatchObject({ selfSigned: true });
  },
);
