// The outcome of parsing at the door: a value that is already right, or the problem in words.

export type Parsed<T> =
  { readonly kind: "ok"; readonly value: T } | { readonly kind: "bad"; readonly problem: string };

export function ok<T>(value: T): Parsed<T> {
  return { kind: "ok", value };
}

/** `problem` is a sentence fragment a person can act on ("has no domain"), safe to show to the client. */
export function bad(problem: string): { readonly kind: "bad"; readonly problem: string } {
  return { kind: "bad", problem };
}
