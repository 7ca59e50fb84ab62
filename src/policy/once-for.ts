// What is worked out of registered facts is worked out once: they are one object for all messages of a stream.

/** `make`, asked once for each object for as long as that lives. */
export function onceFor<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    let kept = known.get(key);
    if (kept === undefined) {
      kept = { value: make(key) };
      known.set(key, kept);
    }
    return kept.value;
  };
}

/** What an iterator gives, asked of it only as far as somebody goes through it, and once. */
export function keepAll<Value>(source: Iterator<Value>): Iterable<Value> {
  const known: Value[] = [];
  return {
    *[Symbol.iterator]() {
      for (let index = 0; ; index += 1) {
        if (index === known.length) {
          const next = source.next();
          if (next.done === true) return;
          known.push(next.value);
        }
        const value = known[index];
        if (value !== undefined) yield value;
      }
    },
  };
}
