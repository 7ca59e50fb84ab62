// Where the receivers of bench-fairness.ts are: each kind at a loopback address of its own, so that it is a host of its own.

export const wellAddress = "127.0.7.1";
/** Takes connections and says nothing. */
export const tarpitAddress = "127.0.7.2";
/** Nobody listens there. */
export const deadAddress = "127.0.7.3";

/** What the receiving server counted. */
export interface Ledger {
  readonly taken: number;
  readonly recipients: number;
  readonly inClearText: number;
}
