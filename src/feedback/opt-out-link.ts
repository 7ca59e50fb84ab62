// The opt-out link of one recipient, and one that looks like it for those who judge a message before it has recipients.

/** `publicUrl` has no slash at its end. */
export function optOutLink(publicUrl: string, token: string): string {
  return `${publicUrl}/u/${token}`;
}

/** As long as a real one, and good for nothing. */
export function specimenLink(publicUrl: string): string {
  return optOutLink(publicUrl, "specimen-".padEnd(tokenCharacters, "0"));
}

const tokenCharacters = 83; // consent/token.ts
