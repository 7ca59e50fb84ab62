// Memory of octets that nobody reads any more, given back where their end is known instead of left to the collector.

/**
 * The octets' memory can be had again at once, if they have all of it to themselves; whoever looks at them later finds
 * none. Bodies lie outside of V8's heap but weigh on it: those that outlive two of its small searches have all of the heap
 * searched for them (docs/decisions/0022). Not for octets that the system may still be writing to a socket.
 */
export function freeOctets({ buffer, byteLength }: Uint8Array): void {
  const isAll = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  if (isAll && byteLength > 0) buffer.transfer(0);
}
