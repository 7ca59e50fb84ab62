// Keeps answers until their time to live ends, and lets those who ask the same at once share one question.

export interface AnswerCache {
  /** The kept value, the one being fetched, or what `fetch` brings. */
  readonly through: <T>(
    key: string,
    fetch: () => Promise<{ readonly value: T; readonly ttlSeconds: number }>,
  ) => Promise<T>;
  readonly clear: () => void;
}

const entriesMax = 20_000; // about 10 MB at most; the oldest goes first

/** `monotonic` in milliseconds: a step of the wall clock neither empties nor freezes the cache (threats.md row 61). */
export function createAnswerCache(monotonic: () => number): AnswerCache {
  const kept = new Map<string, { readonly value: unknown; readonly until: number }>();
  const underWay = new Map<string, Promise<unknown>>();

  const fetchOnce = async <T>(
    key: string,
    fetch: () => Promise<{ readonly value: T; readonly ttlSeconds: number }>,
  ): Promise<T> => {
    try {
      const { value, ttlSeconds } = await fetch();
      if (ttlSeconds > 0) {
        kept.delete(key);
        kept.set(key, { value, until: monotonic() + ttlSeconds * 1000 });
        const oldest = kept.keys().next();
        if (kept.size > entriesMax && oldest.done !== true) kept.delete(oldest.value);
      }
      return value;
    } finally {
      underWay.delete(key);
    }
  };

  return {
    through: <T>(
      key: string,
      fetch: () => Promise<{ readonly value: T; readonly ttlSeconds: number }>,
    ): Promise<T> => {
      const found = kept.get(key);
      // A key names its type of record, so what is stored under it is what its asker stored: hence the casts.
      if (found !== undefined && found.until > monotonic())
        return Promise.resolve(found.value as T);
      const shared = underWay.get(key);
      if (shared !== undefined) return shared as Promise<T>;
      const fetching = fetchOnce(key, fetch);
      underWay.set(key, fetching);
      return fetching;
    },
    clear: () => {
      kept.clear();
    },
  };
}
