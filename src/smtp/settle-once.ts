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
    }, milliseconds).unref();
    const settle = (value: T): void => {
      clearTimeout(timer);
      resolve(value);
    };
    const fail = (cause: unknown): void => settle(fault(cause));
    try {
      void work().then(settle, fail);
    } catch (cause) {
      fail(cause);
    }
  });
}
