// A message as its recipient would see it: a plain value that tests can print and diff. No judging here.
import type { Mailbox } from "../mail/mailbox.ts";

/** What a person sees of one link. `target` is as written, entities decoded; empty where there is none. */
export interface Link {
  readonly text: string;
  readonly target: string;
}

/** A stretch of visible text with one look. */
export interface Run {
  readonly text: string;
  readonly link?: Link;
  /** CSS pixels; 16 in text/plain. */
  readonly fontSizePx: number;
  /** WCAG contrast ratio against the effective background, 1–21; 21 in text/plain. */
  readonly contrast: number;
}

/** A paragraph, cell, list item or line: text that stands together. In text/plain a run of non-empty lines. */
export interface Block {
  /** The runs' text joined, white space collapsed as a client shows it (line breaks kept as \n). */
  readonly text: string;
  readonly runs: readonly Run[];
  /** Blank lines or equivalent empty space before the block, in lines: burying shows here. */
  readonly blankLinesBefore: number;
}

/** Text or a link that is in the part but that the reader does not see, and why. */
export interface Hidden {
  readonly text: string;
  readonly link?: Link;
  /** `display:none`, `font-size 1px`, `contrast 1.0`, `comment`, `off-screen` … in words for the finding's evidence. */
  readonly why: string;
  /** Index of the visible block it would stand before. */
  readonly beforeBlock: number;
}

export interface Image {
  readonly alt: string;
  readonly source: string;
  readonly link?: Link;
  readonly beforeBlock: number;
}

/** One alternative that some client shows: the reader of that client sees this and nothing else. */
export interface Alternative {
  /** `text/plain` or `text/html`; with the MIME path where there are several ("1.2 text/html"). */
  readonly part: string;
  readonly kind: "plain" | "html";
  /** Name as found or assumed ("utf-8", "iso-2022-jp"). */
  readonly charset: string;
  readonly blocks: readonly Block[];
  readonly hidden: readonly Hidden[];
  readonly images: readonly Image[];
  /** More HTML than Gmail shows at once: what stands last is behind a link. */
  readonly isCut?: true;
}

/** Why a message cannot be read with certainty. Any of these is a fail of rule `mime/readable`. */
export interface Ambiguity {
  readonly part: string;
  readonly problem: string;
  readonly mislabelled?: Mislabelled;
}

/** A part whose header says one thing of its octets, which are another by every sign. */
export interface Mislabelled {
  readonly what: "charset" | "transfer encoding" | "type";
  /** As the header gives it; empty for none. */
  readonly label: string;
  readonly really: string;
}

/** Decoded header facts (RFC 2047), for rules; never written back into a header. */
export interface HeaderView {
  readonly subject: string;
  readonly from: readonly Mailbox[];
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly inReplyTo: string;
  readonly listUnsubscribe: string;
  readonly listUnsubscribePost: string;
  /** Name of the first field with octets that are not ASCII (RFC 6532); empty: none has any. */
  readonly eightBit: string;
}

export interface Attachment {
  readonly part: string;
  readonly type: string;
  readonly fileName: string;
  readonly bytes: number;
  /** It stands where alternatives of the text do: some client may show it in their place. */
  readonly offered?: true;
}

export interface MessageView {
  readonly header: HeaderView;
  /** Every alternative that a client could show. Empty: nothing to read, which is a fail for marketing. */
  readonly alternatives: readonly Alternative[];
  readonly attachments: readonly Attachment[];
  readonly ambiguities: readonly Ambiguity[];
}

/** Reading stopped at a limit (depth, parts, lines …): the message is refused as too complex, not judged. */
export interface TooComplex {
  readonly kind: "too-complex";
  readonly problem: string;
}

export type Reading = { readonly kind: "read"; readonly view: MessageView } | TooComplex;
