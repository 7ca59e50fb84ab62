// Whether words tell who a person is: such words are sealed with the person's record.

/** `address` in readable form, empty where it is not known: then every `@` counts. */
export function mentions(text: string, address: string): boolean {
  if (text.includes("@")) return true;
  const local = address.slice(0, Math.max(address.lastIndexOf("@"), 0));
  return local.length > 0 && text.toLowerCase().includes(local.toLowerCase());
}
