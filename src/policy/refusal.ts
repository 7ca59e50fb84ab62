// What a grammar of refusal finds in a text: the places that say that mail can be stopped, and how.

/**
 * strong: names the mail that is stopped · weak: only the stopping ("停止はこちら"), so that it needs its target beside it ·
 * label: says how to leave or choose, not plainly that mail can be refused · hint: words about ending mail beside a target
 * that shows by itself what it is for, their grammar not understood.
 */
export type Strength = "strong" | "weak" | "label" | "hint";

export interface Refusal {
  /** Positions in the text that was searched. */
  readonly start: number;
  readonly end: number;
  /** The sentence around it. */
  readonly from: number;
  readonly to: number;
  readonly strength: Strength;
  readonly language: "ja" | "en" | "other";
  /** Where the sentence says the target stands. */
  readonly points: "after" | "before" | "either";
  /** By answering the message itself. */
  readonly byReply: boolean;
  /** Only by phone, post or in person: no mail address or URL (特定電子メール法 4条2号). */
  readonly onlyElsewhere: boolean;
  readonly needsLogin: boolean;
  readonly needsData: boolean;
  /** Stopping costs money beyond what a call or a connection costs. */
  readonly needsFee: boolean;
}

/** Words of stopping that say the opposite or something else, kept as evidence. */
export interface Rebuff {
  readonly start: number;
  readonly end: number;
  /** The words deny it; otherwise nothing in them is known to say it. */
  readonly isDenial: boolean;
}

export interface Refusals {
  readonly refusals: readonly Refusal[];
  readonly rebuffs: readonly Rebuff[];
}

/** A text prepared for grammars: folded words, and the gap before each character. */
export interface Speech {
  readonly words: string;
  readonly gap: Uint8Array;
  /** Length of the line that ends before each line start is told by this: whether a break there is only a wrap. */
  readonly isBreak: (position: number) => boolean;
  /** Whether the words of a link begin there. */
  readonly isLinkStart: (position: number) => boolean;
  /** Whether the words of a link end there. */
  readonly isLinkEnd: (position: number) => boolean;
}

/** One language's way of saying that mail can be stopped. Linear in the text. */
export type RefusalGrammar = (speech: Speech) => Refusals;
