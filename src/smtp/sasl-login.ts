// A login as SASL carries it, put to the dialogue and answered as smtp-server wants it answered.
import type { Dialogue } from "./dialogue.ts";

/** What SASL PLAIN or LOGIN brought. */
export interface SaslAnswer {
  readonly username?: string | undefined;
  readonly password?: string | null | undefined;
  readonly authzid?: string | undefined;
}

export type SaslCallback = (error: Error | null, response?: { readonly user: string }) => void;

export async function loginBySasl(
  { login }: Pick<Dialogue, "login">,
  { username = "", password, authzid = "" }: SaslAnswer,
  callback: SaslCallback,
): Promise<void> {
  // RFC 4616 §2: an identity to act as, other than one's own, is never granted here.
  const foreign = authzid !== "" && authzid !== username;
  const result = await login(foreign ? "" : username, password ?? "");
  if (result === "authenticated") callback(null, { user: username });
  else callback(Object.assign(new Error(result.text), { responseCode: result.code }));
}
