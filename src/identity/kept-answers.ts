// The seam behind which answers to writes are kept, so that a client which repeats one gets the first answer and no second act.

/** Longest that a request lasts; one that began earlier and has no answer was cut off. Over the HTTP server's own limit. */
export const claimSeconds = 180;
export const keptSeconds = 24 * 60 * 60;
export const keptOfOneActorMax = 10_000; // the oldest go: with answers of a few hundred octets, some megabytes
export const keptAnswerMaxOctets = 16 * 1024;

/** One Idempotency-Key of one caller on one route. */
export interface AnswerClaim {
  /** `user:ID`, `token:ID`. */
  readonly actor: string;
  /** Method and pattern: `POST /v1/tokens`. */
  readonly route: string;
  /** The client's own; stored nowhere, and needed to read the answer back. */
  readonly key: string;
  /** What was asked for: equal for equal requests. */
  readonly request: string;
  readonly at: Date;
}

export interface KeptAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export type Claimed =
  /** Nobody has asked with this key lately: it is the caller's to do, and then to `keep` or `release`. */
  | { readonly kind: "first" }
  | { readonly kind: "answered"; readonly answer: KeptAnswer }
  | { readonly kind: "under-way" }
  /** It began, and how it ended is not on record: cut off, or its answer was too large. */
  | { readonly kind: "unknown" }
  /** The same key with another request. */
  | { readonly kind: "other-request" };

/** Each method is one transaction; of several that claim the same at once, one is the first. */
export interface AnswerStore {
  readonly claim: (claim: AnswerClaim) => Promise<Claimed>;
  /** The request is over. undefined: it was done, and its answer cannot be kept. */
  readonly keep: (claim: AnswerClaim, answer: KeptAnswer | undefined) => Promise<void>;
  /** Nothing was done: the next one with this key is the first again. */
  readonly release: (claim: AnswerClaim) => Promise<void>;
}
