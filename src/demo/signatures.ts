// Verifies the receiver's copies with a verifier that is not the gateway's own signer.
import { dkimVerify } from "mailauth/lib/dkim/verify.js";

import type { KeyInfo } from "../dkim/key.ts";
import type { ReceivedMail } from "./receiver.ts";

/** How many of the mails carry a signature that verifies against the key's DNS record. */
export async function countSignatures(
  mails: readonly ReceivedMail[],
  keys: readonly KeyInfo[],
): Promise<number> {
  const resolver = (name: string, type: string): Promise<string[][]> => {
    const key = keys.find((candidate) => candidate.record.name.replace(/\.$/, "") === name);
    if (type === "TXT" && key !== undefined) return Promise.resolve([[...key.record.strings]]);
    return Promise.reject(Object.assign(new Error(`no ${type} record`), { code: "ENOTFOUND" }));
  };
  let good = 0;
  for (const mail of mails) {
    const { results } = await dkimVerify(mail.raw, { resolver });
    if (results.length > 0 && results.every((result) => result.status.result === "pass")) good += 1;
  }
  return good;
}
