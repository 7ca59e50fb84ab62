// Reads where a link or address leads, as a mail client would follow it.
import { placeholderIn } from "./placeholder-patterns.ts";

export type Destination =
  | {
      readonly kind: "web";
      readonly host: string;
      readonly secure: boolean;
      readonly url: URL;
      /** The link as written, where it has no character that the URL parser changes behind the host. */
      readonly plain?: string;
    }
  | {
      readonly kind: "mail";
      readonly address: string;
      readonly local: string;
      readonly domain: string;
    }
  | { readonly kind: "phone"; readonly digits: string }
  | { readonly kind: "anchor" }
  | {
      readonly kind: "nowhere";
      readonly why: "empty" | "placeholder" | "script" | "broken";
      readonly what: string;
    };

const rawMax = 4096;

/** A link or written address of a page. */
export interface Followable {
  /** As written in href, or as it stands in the text. */
  readonly raw: string;
  /** Where it leads, once that was asked for: several rules ask. */
  leads: Destination | undefined;
}

export function destinationOf(target: Followable): Destination {
  return (target.leads ??= readDestination(target.raw));
}

/** `raw` is an href with its entities decoded, or a URL or address written out. Never throws. */
export function readDestination(raw: string): Destination {
  const plain = plainUrl.exec(raw);
  if (plain !== null && raw.length <= rawMax) {
    const known = readPlain(raw, plain[1] ?? "", plain[2] ?? "", raw);
    if (known !== undefined) return known;
  }
  // URL standard: tabs and line breaks inside are dropped, white space around is trimmed.
  const text = raw
    .slice(0, rawMax)
    .replace(/[\t\r\n]/g, "")
    .trim();
  if (text === "" || text === "#") return { kind: "nowhere", why: "empty", what: text };
  const placeholder = placeholderIn(text);
  if (placeholder !== undefined) return { kind: "nowhere", why: "placeholder", what: placeholder };
  if (text.startsWith("#")) return { kind: "anchor" };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    return /^[^\s@/:?#]+@[^\s@/:?#]+$/.test(text)
      ? readMail(text)
      : { kind: "nowhere", why: "broken", what: text.slice(0, 80) };
  }
  if (scheme === "mailto") return readMail(text.slice("mailto:".length));
  if (scheme === "tel" || scheme === "sms") {
    return { kind: "phone", digits: text.slice(scheme.length + 1).replace(/[^\d+]/g, "") };
  }
  if (scheme !== "http" && scheme !== "https") {
    return { kind: "nowhere", why: "script", what: text.slice(0, 80) };
  }
  return readWeb(text);
}

// Hosts that the URL parser leaves as they are: letters, no port, no user, not encoded, no number at the end.
const plainWeb = /^(https?):\/\/((?:[a-z0-9-]+\.)+[a-z]{2,63})(?:[/?#]|$)/i;
/** Such a host, and behind it nothing of which a placeholder is made. */
const plainUrl =
  /^(https?):\/\/((?:[a-z0-9-]+\.)+[a-z]{2,63})(?:[/?][A-Za-z0-9\-./?&=:,;+~!()]*)?$/i;

/** undefined for a host that the URL parser may change. */
function readPlain(
  text: string,
  scheme: string,
  written: string,
  plain?: string,
): Destination | undefined {
  const host = written.toLowerCase();
  if (/(?:^|\.)(?:xn--|-)|-\./.test(host)) return undefined;
  let url: URL | undefined;
  return {
    kind: "web",
    host,
    secure: scheme.length === "https".length,
    ...(plain === undefined ? {} : { plain }),
    // Few rules ask for the rest, and a message may have hundreds of links.
    get url() {
      return (url ??= new URL(text));
    },
  };
}

function readWeb(text: string): Destination {
  const plain = plainWeb.exec(text);
  const known = plain === null ? undefined : readPlain(text, plain[1] ?? "", plain[2] ?? "");
  if (known !== undefined) return known;
  const url = URL.parse(text);
  if (url === null) return { kind: "nowhere", why: "broken", what: text.slice(0, 80) };
  // A name before an @ is a trick to show one host and lead to another.
  if (url.username !== "" || url.password !== "")
    return { kind: "nowhere", why: "broken", what: text.slice(0, 80) };
  const host = url.hostname.toLowerCase().replace(/\.$/, "");
  if (host === "") return { kind: "nowhere", why: "broken", what: text.slice(0, 80) };
  return { kind: "web", host, secure: url.protocol === "https:", url };
}

function readMail(rest: string): Destination {
  const encoded = rest.split("?")[0] ?? "";
  let address = encoded;
  try {
    address = decodeURIComponent(encoded);
  } catch {
    // A stray % is taken as it stands, as clients do.
  }
  const first = address.split(",")[0]?.trim() ?? "";
  if (first === "") return { kind: "nowhere", why: "empty", what: "mailto:" };
  const at = first.lastIndexOf("@");
  const domain = first
    .slice(at + 1)
    .toLowerCase()
    .replace(/\.$/, "");
  if (at < 1 || !/^[^\s@]+\.[^\s@.]{2,}$/.test(domain))
    return { kind: "nowhere", why: "broken", what: first.slice(0, 80) };
  return { kind: "mail", address: first, local: first.slice(0, at).toLowerCase(), domain };
}

/** A mailbox that its own name says nobody reads. */
export function isNoReply(local: string): boolean {
  return /^(?:no|do[._-]?not|dont|never)[._-]?reply|noreply|donotreply|^(?:mailer-daemon|bounces?|postmaster|null|devnull)\b|soushin-?senyo/i.test(
    local,
  );
}
