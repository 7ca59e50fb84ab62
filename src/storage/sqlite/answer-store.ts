// Kept answers on SQLite: what the database and the master key together show is that somebody asked, not what or the answer.
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

import {
  keptAnswerMaxOctets,
  type AnswerClaim,
  type AnswerStore,
  type Claimed,
  type KeptAnswer,
} from "../../identity/kept-answers.ts";
import { seal, unseal } from "../sealing.ts";
import type { WriterClient } from "./client.ts";

export class SqliteAnswers implements AnswerStore {
  readonly #writer: WriterClient;
  readonly #key: KeyObject;

  constructor(writer: WriterClient, sealKey: KeyObject) {
    this.#writer = writer;
    this.#key = createSecretKey(
      Buffer.from(hkdfSync("sha256", sealKey, "", "sekisho kept answer 1", 32)),
    );
  }

  async claim(claim: AnswerClaim): Promise<Claimed> {
    const name = this.#hash("name", claim);
    const { actor, at } = claim;
    const request = createHmac("sha256", this.#key).update(`request\0${claim.request}`).digest();
    const claimed = await this.#writer.post("claimAnswer", [{ name, request, actor, at }]);
    if (claimed.kind !== "answered") return claimed;
    const plain = unseal(this.#sealKey(claim), name, claimed.sealed);
    return { kind: "answered", answer: JSON.parse(plain.toString("utf8")) as KeptAnswer };
  }

  async keep(claim: AnswerClaim, answer: KeptAnswer | undefined): Promise<void> {
    const name = this.#hash("name", claim);
    const plain = answer === undefined ? undefined : Buffer.from(JSON.stringify(answer));
    const sealed =
      plain === undefined || plain.length > keptAnswerMaxOctets
        ? undefined
        : seal(this.#sealKey(claim), name, plain);
    await this.#writer.post("keepAnswer", [name, sealed]);
  }

  async release(claim: AnswerClaim): Promise<void> {
    await this.#writer.post("releaseAnswer", [this.#hash("name", claim)]);
  }

  /** Whoever repeats the request has the key to its answer; nobody else has, this gateway included. */
  #sealKey(claim: AnswerClaim): KeyObject {
    return createSecretKey(this.#hash("seal", claim));
  }

  #hash(what: "name" | "seal", { actor, route, key }: AnswerClaim): Buffer {
    return createHmac("sha256", this.#key).update([what, actor, route, key].join("\0")).digest();
  }
}
