// What the listeners ask before they look at a password: identity/throttle.ts answers, and remembers (threats.md row 22).

export interface LoginGuard {
  /** Whether a login may be tried now; asked before the password is looked at. */
  readonly mayTry: (username: string, address: string) => boolean;
  readonly failed: (username: string, address: string) => void;
  readonly succeeded: (username: string, address: string) => void;
}
