// The form of one "no": reply, words and remedy.

export interface ReasonRow {
  /** RFC 5321 code and IANA-registered enhanced code (RFC 3463, RFC 5248). Holds answer 250 2.0.0 instead. */
  readonly code: number;
  readonly enhanced: string;
  /** One line: what happened and what to do. Shown behind the reason's name. */
  readonly text: { readonly en: string; readonly ja: string };
  /** The remedy in full sentences, for /r/{reason}, docs and the console. */
  readonly remedy: { readonly en: string; readonly ja: string };
  /** The law or standard behind it, where there is one. */
  readonly law?: string;
}
