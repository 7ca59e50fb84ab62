// Two verifiers that are not ours, behind one shape: mailauth, and dkimpy where Python has it. No DNS is asked.
import { spawnSync } from "node:child_process";

import { dkimVerify } from "mailauth/lib/dkim/verify.js";

/** Name of a TXT record → its text. */
export type Records = Readonly<Record<string, string>>;

/** One entry a signature, from the top: did it verify? */
export type Verdict = readonly boolean[];

const python = ["/usr/bin/python3", "python3"].find(
  (path) => spawnSync(path, ["-c", "import dkim"]).status === 0,
);

/** False where Python has no dkimpy (`apt-get install python3-dkim`): tests that want it then skip, and say so. */
export const hasDkimpy = python !== undefined;
if (!hasDkimpy)
  process.stderr.write(
    "dkimpy is not installed: signatures are checked by mailauth alone (apt-get install python3-dkim)\n",
  );

export async function verifyByMailauth(message: Buffer, records: Records): Promise<Verdict> {
  const { results } = await dkimVerify(message, {
    resolver: (name: string) => {
      const text = records[name];
      if (text === undefined)
        return Promise.reject(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }));
      return Promise.resolve([[text]]);
    },
  });
  return results.map((result) => result.status.result === "pass");
}

const program = `
import base64, json, sys, dkim
given = json.load(sys.stdin)
def look_up(name, timeout=5):
    return given["records"].get(name.decode().rstrip("."), "").encode() or None
verdicts = []
for text in given["messages"]:
    message = base64.b64decode(text)
    try:
        headers = dkim.DKIM(message).headers
    except dkim.DKIMException:
        headers = []
    count = len([name for name, _ in headers if name.lower() == b"dkim-signature"])
    verdict = []
    for index in range(count):
        try:
            verdict.append(bool(dkim.DKIM(message).verify(index, dnsfunc=look_up)))
        except dkim.DKIMException:
            verdict.append(False)
    verdicts.append(verdict)
json.dump(verdicts, sys.stdout)
`;

/** All messages in one run of Python. Throws where {@link hasDkimpy} is false or Python fails. */
export function verifyByDkimpy(messages: readonly Buffer[], records: Records): readonly Verdict[] {
  if (python === undefined) throw new Error("dkimpy is not installed");
  const run = spawnSync(python, ["-c", program], {
    input: JSON.stringify({ messages: messages.map((m) => m.toString("base64")), records }),
    maxBuffer: 1 << 24,
  });
  if (run.status !== 0) throw new Error(`dkimpy: ${run.stderr.toString()}`);
  return JSON.parse(run.stdout.toString()) as Verdict[];
}
