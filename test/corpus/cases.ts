// Cases whose outcome follows from how they are made: each template as it is, with one duty spoilt, or harmlessly changed.
import { assemble, type CorpusMail } from "./assemble.ts";
import { faults } from "./faults.ts";
import { rewordings, shown } from "./harmless.ts";
import { tricks, type Trick } from "./hiding-tricks.ts";
import { duties, sample, type Duty, type Slots, type Template } from "./piece.ts";
import type { Sender } from "../../src/policy/stream.ts";

export interface Case {
  readonly name: string;
  readonly sender: Sender;
  readonly bytes: () => Buffer;
  /** The duty that must fail; undefined: nothing may fail. */
  readonly fails?: Duty;
}

/** Rules that speak for a duty: one of them must fail. */
export const rulesOf: Readonly<Record<Duty, readonly string[]>> = {
  name: ["jp/name"],
  address: ["jp/address"],
  contact: ["jp/contact"],
  optOut: ["jp/opt-out-address", "jp/opt-out-notice"],
};

/** `thin`: of each template's combinations, one in so many (1 = all), turning from template to template. */
export function* casesOf(templates: readonly Template[], thin: number): Generator<Case> {
  for (const [index, template] of templates.entries()) {
    let turn = index;
    const isTaken = (): boolean => (turn += 1) % thin === 0;
    yield { ...base(template, "as it is"), bytes: () => build(template, {}) };
    yield* spoilt(template, isTaken);
    yield* hiding(template, isTaken);
    yield* unharmed(template, isTaken);
  }
}

function base(template: Template, what: string): Pick<Case, "name" | "sender"> {
  return { name: `${template.id} / ${what}`, sender: template.sender ?? sample };
}

interface Change {
  readonly text?: Slots;
  readonly html?: Slots;
  readonly css?: string;
  readonly rewriteText?: (text: string) => string;
  readonly rewriteHtml?: (html: string) => string;
  readonly attachments?: readonly string[];
}

function build(template: Template, change: Change): Buffer {
  const text = template.text?.write(change.text ?? template.text.slots);
  const html = template.html?.write(change.html ?? template.html.slots);
  const styled = html === undefined ? undefined : addCss(html, change.css);
  const mail: CorpusMail = {
    subject: template.subject,
    ...(template.headers === undefined ? {} : { headers: template.headers }),
    ...(template.encoding === undefined ? {} : { encoding: template.encoding }),
    ...(text === undefined ? {} : { text: change.rewriteText?.(text) ?? text }),
    ...(styled === undefined ? {} : { html: change.rewriteHtml?.(styled) ?? styled }),
    ...(change.attachments === undefined ? {} : { attachments: change.attachments }),
  };
  return assemble(mail);
}

function addCss(html: string, css: string | undefined): string {
  if (css === undefined) return html;
  const sheet = `<style>${css}</style>`;
  if (/<\/head>/i.test(html)) return html.replace(/<\/head>/i, () => `${sheet}</head>`);
  return html.replace(/<body/i, () => `<head>${sheet}</head><body`);
}

function* spoilt(template: Template, isTaken: () => boolean): Generator<Case> {
  for (const fault of faults) {
    for (const part of ["text", "html"] as const) {
      const slots = template[part]?.slots;
      if (slots === undefined || (fault.in !== "both" && fault.in !== part)) continue;
      if (fault.only === "sample" && (template.sender ?? sample) !== sample) continue;
      const words = fault.spoil(slots[fault.duty], slots);
      if (words === undefined) continue;
      // What another slot still says would heal the fault.
      if (part === "html" && /\n/.test(words) && fault.in === "both") continue;
      if (!isTaken()) continue;
      const changed = { ...slots, [fault.duty]: words };
      yield {
        ...base(template, `${part} ${fault.name}`),
        bytes: () => build(template, { [part]: changed }),
        fails: fault.duty,
      };
    }
  }
}

function* hiding(template: Template, isTaken: () => boolean): Generator<Case> {
  const { html } = template;
  if (html === undefined) return;
  for (const trick of tricks) {
    for (const duty of duties) {
      if (!isTaken()) continue;
      yield {
        ...base(template, `${duty} hidden by ${trick.name}`),
        bytes: () => build(template, withTrick(html.slots, duty, trick)),
        fails: duty,
      };
    }
  }
}

function withTrick(slots: Slots, duty: Duty, trick: Trick): Change {
  return {
    html: { ...slots, [duty]: trick.wrap(slots[duty]) },
    ...(trick.css === undefined ? {} : { css: trick.css }),
  };
}

function* unharmed(template: Template, isTaken: () => boolean): Generator<Case> {
  const { html } = template;
  if (html !== undefined) {
    for (const trick of shown) {
      for (const duty of duties) {
        if (!isTaken()) continue;
        yield {
          ...base(template, `${duty} in ${trick.name}`),
          bytes: () => build(template, withTrick(html.slots, duty, trick)),
        };
      }
    }
  }
  for (const { name, rewrite, in: where } of rewordings) {
    const change: Change = {
      ...(where === "html" ? {} : { rewriteText: rewrite }),
      ...(where === "text" ? {} : { rewriteHtml: rewrite }),
    };
    // Old charsets lack some of the characters.
    if (template.encoding !== undefined && template.encoding.charset !== "utf-8") continue;
    yield { ...base(template, `reworded: ${name}`), bytes: () => build(template, change) };
  }
}
