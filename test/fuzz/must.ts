// What holds of every input, told by an error where it does not: fast-check looks for the smallest such input.

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** A run that is not asynchronous, as one that is: what it throws rejects. */
export function settled(work: () => void): Promise<void> {
  return Promise.resolve().then(work);
}
