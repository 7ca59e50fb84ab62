// Says that storage cannot answer just now: the door turns it into a temporary refusal, never into a "no".

/**
 * busy: another holds the lock, or too much is waiting · full: the medium takes no more · corrupt: what is stored cannot
 * be trusted · closed: the store was closed, its writer died, or the system does not give it what it needs.
 */
export type UnavailableKind = "busy" | "full" | "corrupt" | "closed";

/** Thrown by every store. Whoever catches it knows that nothing of the call was stored, except as `cause` tells. */
export class StorageUnavailable extends Error {
  override readonly name = "StorageUnavailable";
  readonly kind: UnavailableKind;

  constructor(kind: UnavailableKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
