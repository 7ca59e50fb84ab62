// Makes key pairs off the main thread.
import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

import { rsaBitsMax, rsaBitsMin } from "./record.ts";

const generatePair = promisify(generateKeyPair);

export type KeyPlan =
  { readonly algorithm: "rsa"; readonly bits: number } | { readonly algorithm: "ed25519" };

/** The private half of a new pair. Throws a RangeError for RSA below 2048 or above 4096 bits. A second or so for 4096. */
export async function generateKey(plan: KeyPlan): Promise<KeyObject> {
  switch (plan.algorithm) {
    case "ed25519":
      return (await generatePair("ed25519")).privateKey;
    case "rsa":
      if (!Number.isInteger(plan.bits) || plan.bits < rsaBitsMin || plan.bits > rsaBitsMax) {
        throw new RangeError(`bits must be a whole number from ${rsaBitsMin} to ${rsaBitsMax}`);
      }
      return (await generatePair("rsa", { modulusLength: plan.bits })).privateKey;
  }
}
