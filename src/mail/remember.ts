// Short texts that mail repeats, such as a From field or the name of one, are read once: what was made of the latest is kept.
import { detach } from "./detach.ts";

const textsMax = 200;
const charactersMax = 1000; // of one text; what is longer is read each time

/** `make`, for as long as it is among the latest texts asked only once for each. What it makes must never be changed. */
export function remember<Value>(make: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, { readonly value: Value }>();
  return (text) => {
    const kept = known.get(text);
    if (kept !== undefined) return kept.value;
    const value = make(text);
    if (text.length > charactersMax) return value;
    if (known.size >= textsMax) known.clear(); // what is in use comes back with the next message
    known.set(detach(text), { value });
    return value;
  };
}
