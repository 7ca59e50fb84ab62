// The value of one longhand property as it is written, checked: what a browser drops is never made.
import type { Color } from "./color.ts";
import type { Length } from "./length.ts";

/** One step of a transform, by what it can hide: moving far, shrinking, turning the back to the reader. */
export type TransformStep =
  | { readonly kind: "translate"; readonly x: Length; readonly y: Length }
  | { readonly kind: "scale"; readonly x: number; readonly y: number }
  /** Degrees about the x or y axis (showing edge or back) or in the plane. */
  | { readonly kind: "rotate"; readonly axis: "x" | "y" | "z"; readonly degrees: number }
  | { readonly kind: "skew"; readonly x: number; readonly y: number };

export interface ColorFilter {
  readonly name: "brightness" | "contrast" | "invert" | "grayscale";
  /** 1 is all of it; for brightness and contrast what changes nothing. */
  readonly amount: number;
}

export type ClipShape =
  /** Distances from the four edges: top, right, bottom, left. */
  | { readonly kind: "inset"; readonly sides: readonly Length[] }
  /** A circle or ellipse; empty where its radius is 0. */
  | { readonly kind: "round"; readonly radii: readonly Length[] }
  | { readonly kind: "polygon"; readonly points: readonly (readonly [Length, Length])[] }
  /** clip: rect(top, right, bottom, left); undefined is auto. */
  | { readonly kind: "rect"; readonly edges: readonly (Length | undefined)[] }
  | { readonly kind: "unknown" };

/** A gradient's average colour, a picture, or nothing. */
export type PaintLayer = Color | "picture" | "none";

export type CssValue =
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "length"; readonly length: Length }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "color"; readonly color: Color | "current" | "body" }
  /** Layers of a background or mask, the first on top. */
  | { readonly kind: "paint"; readonly layers: readonly PaintLayer[] }
  | { readonly kind: "transform"; readonly steps: readonly TransformStep[] }
  | { readonly kind: "clip"; readonly shape: ClipShape }
  | {
      readonly kind: "filter";
      readonly opacity: number;
      readonly blurPx: number;
      readonly steps: readonly ColorFilter[];
    }
  /** Names (of animations) or words, in the list's order. */
  | { readonly kind: "list"; readonly items: readonly string[] }
  /** Generated content: its text. */
  | { readonly kind: "text"; readonly text: string }
  /** A custom property, or one that uses var(): read when the element is known. */
  | { readonly kind: "raw"; readonly property: string; readonly text: string }
  | { readonly kind: "wide"; readonly word: "inherit" | "initial" | "unset" | "revert" };

export function word(text: string): CssValue {
  return { kind: "word", word: text };
}
