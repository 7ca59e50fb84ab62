// Which of OpenSSL's ways to multiply signs quicker here. On x86-64 it takes the one with ADX and BMI2 wherever there are these
// instructions, and that with AVX2 only without: some processors (AMD's Zen 3) are quicker by the second. Prints both and what to set; with --setting,
// only the value of OPENSSL_ia32cap to set, or nothing.
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { parseArgs } from "node:util";

import { median } from "./median.ts";

const withoutAdx = ":~0x80000"; // leaf 7 of CPUID, bit 19 of EBX: OPENSSL_ia32cap(3)
const rounds = 7; // of each, in turn, in processes of their own: OpenSSL reads its environment once
const signatures = 150;
const worthIt = 0.95; // a smaller gain is noise

/** CPU milliseconds of one RSA-2048 signature. */
function measureHere(): number {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const data = Buffer.alloc(400);
  for (let n = 0; n < signatures / 5; n += 1) sign("sha256", data, privateKey);
  const started = process.cpuUsage();
  for (let n = 0; n < signatures; n += 1) sign("sha256", data, privateKey);
  return process.cpuUsage(started).user / 1000 / signatures;
}

function measure(setting: string): number {
  const { OPENSSL_ia32cap: _, ...rest } = process.env;
  const env = setting === "" ? rest : { ...rest, OPENSSL_ia32cap: setting };
  return Number(
    execFileSync(process.execPath, [import.meta.filename, "--here"], { env, encoding: "utf8" }),
  );
}

const { values } = parseArgs({
  options: { setting: { type: "boolean" }, here: { type: "boolean" } },
});
if (values.here === true) process.stdout.write(String(measureHere()));
else if (process.arch === "x64") {
  const pairs = Array.from({ length: rounds }, () => [measure(""), measure(withoutAdx)] as const);
  const usual = median(pairs.map(([time]) => time));
  const other = median(pairs.map(([, time]) => time));
  const best = other < usual * worthIt ? withoutAdx : "";
  if (values.setting === true) process.stdout.write(best);
  else {
    console.log(`an RSA-2048 signature takes ${usual.toFixed(2)} ms of CPU as OpenSSL chooses,`);
    console.log(`${other.toFixed(2)} ms with OPENSSL_ia32cap=${withoutAdx}`);
    console.log(best === "" ? "set nothing" : `set OPENSSL_ia32cap=${best} for the gateway`);
  }
} else if (values.setting !== true) console.log("nothing to choose on this processor");
