// What an operator sets about people: passwords, second factor, sessions, the banner, single sign-on.
import type { PasswordRules } from "./password-rules.ts";
import type { SessionLimits } from "./session.ts";

export interface PeopleSettings {
  readonly password: PasswordRules;
  /** A password that is older must be changed at the next login; 0: never. */
  readonly passwordMaxAgeDays: number;
  readonly secondFactor: "optional" | "required";
  readonly session: SessionLimits;
  /** Shown at login and by GET /v1/me: that operations are recorded (law.md S80). */
  readonly banner: string;
  readonly oidc?: OidcSettings;
}

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** The claim that holds role names or groups; a text or a list. */
  readonly roleClaim: string;
  /** The claim that says that the address is verified; its value is true, or 1, or either as text. */
  readonly verifiedClaim: string;
  /** Value of the claim → roles here. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** Makes a user at first login; otherwise they must exist. */
  readonly createUsers: boolean;
  /** Private addresses that the provider may be at; empty: none. */
  readonly allowPrivate: readonly string[];
}
