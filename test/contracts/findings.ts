// The findings about libraries, as findings.json has them.
import list from "./findings.json" with { type: "json" };

/** Exactly one of the last three. */
export interface Finding {
  readonly section: string;
  readonly number: number;
  readonly title: string;
  readonly tested?: true;
  readonly reason?: string;
  /** The packages it is about, none of which is installed. */
  readonly unused?: readonly string[];
}

export const findings = list as readonly Finding[];
