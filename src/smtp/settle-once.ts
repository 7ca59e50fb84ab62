// The one way from an asynchronous question to one answer: in time, exactly once, never a rejection.

/**
 * Runs `work` and resolves to its value, or to what `fault` gives when it throws, rejects or takes longer than
 * `milliseconds`. A value that comes later is dropped: a second reply would put the dialogue out of step.
 */
export function settleOnce<T>(
  work: () => Promise<T>,
  milliseconds: number,
  fault: (cause: unknown) => T,
): Promise<T> {
  return new Promise<T>((resolve) => {
    const timer = setTimeout(() => {
      resolve(fault(new Error(`no answer within ${milliseconds} ms`)));
    }, milliseconds);
    timer.unref();
    void run(work)
      .catch((cause: unknown) => fault(cause))
      .then(resolve)
      .finally(() => clearTimeout(timer));
  });
}

/** A synchronous throw becomes a rejection too. */
async function run<T>(work: () => Promise<T>): Promise<T> {
  const value = await work();
  return value;
}
