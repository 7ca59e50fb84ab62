// An act of administration on mail: who, when, from which IP address, and why.
export interface Act {
  readonly actor: string;
  readonly at: Date;
  readonly from?: string;
  readonly reason?: string;
}
