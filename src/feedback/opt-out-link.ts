// The opt-out link of one recipient, and one that looks like it for those who judge a message before it has recipients.
import type { TokenReading, Tokens } from "../consent/token.ts";

const tokenCharacters = 83; // consent/token.ts
const shortTokenCharacters = 60; // of one that names no message

/** `publicUrl` has no slash at its end. */
export function optOutLink(publicUrl: string, token: string): string {
  return `${publicUrl}/u/${token}`;
}

/** As long as a real one, and good for nothing. */
export function specimenLink(publicUrl: string): string {
  return optOutLink(publicUrl, "specimen-".padEnd(tokenCharacters, "0"));
}

/**
 * The token at the beginning of `text`, which is what stands in a link where the token is to be. Mail programs that make
 * links of plain text take what follows for a part of them: a full stop, a bracket, in Japanese the rest of the sentence.
 * Nobody's wish is lost to that.
 */
export function readLink(
  tokens: Pick<Tokens, "read">,
  text: string,
  known: Parameters<Tokens["read"]>[1],
): TokenReading | undefined {
  const [start = ""] = /^[\w-]*/.exec(text) ?? [];
  for (const length of [start.length, tokenCharacters, shortTokenCharacters]) {
    const reading = tokens.read(start.slice(0, length), known);
    if (reading !== undefined) return reading;
  }
  return undefined;
}
