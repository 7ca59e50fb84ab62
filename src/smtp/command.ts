// Reads MAIL and RCPT lines strictly (RFC 5321 §4.1.1.2, §4.1.1.3): addresses, and only those parameters that are offered.
import type { Envelope, RecipientDsn } from "../mail/envelope.ts";
import type { Reply } from "../mail/reply.ts";
import { decodeXtext } from "../mail/xtext.ts";
import { protocolReply } from "./answer.ts";

export interface MailCommand {
  /** What stood between the angle brackets, source route removed; empty for `<>`. */
  readonly path: string;
  /** SIZE, in octets (RFC 1870). */
  readonly size?: number;
  readonly eightBit: boolean;
  /** RFC 8689 §2. */
  readonly requireTls?: true;
  readonly dsn?: NonNullable<Envelope["dsn"]>;
}

export interface RcptCommand {
  readonly path: string;
  readonly dsn?: RecipientDsn;
}

export type Read<T> =
  { readonly kind: "ok"; readonly value: T } | { readonly kind: "bad"; readonly reply: Reply };

export interface Offered {
  /** DSN (RFC 3461): RET, ENVID, NOTIFY, ORCPT. */
  readonly dsn: boolean;
  /** REQUIRETLS (RFC 8689 §2): under TLS only. */
  readonly requireTls: boolean;
  /** AUTH (RFC 4954 §5): MAIL may carry AUTH=. */
  readonly auth: boolean;
}

const envidMax = 100; // RFC 3461 §4.4
const orcptMax = 500; // RFC 3461 §4.2
// A quoted local part may hold a space or an angle bracket. The alternatives share no first character: linear.
const pathPattern = '<((?:"(?:[^"\\\\]|\\\\.)*"|[^<>"\\s])*)>';
const mailPattern = new RegExp(`^MAIL FROM: *${pathPattern}((?: +[^ ]+)*) *$`, "i");
const rcptPattern = new RegExp(`^RCPT TO: *${pathPattern}((?: +[^ ]+)*) *$`, "i");

/** `line`: without its CRLF, decoded as UTF-8. */
export function readMail(line: string, offered: Offered): Read<MailCommand> {
  const match = mailPattern.exec(line);
  if (match === null) return bad("bad-mail-syntax");
  const parameters = readParameters(match[2] ?? "", (key) => isOfMail(key, offered));
  if (parameters.kind === "bad") return parameters;
  const { SIZE: size, BODY: body, AUTH: auth, RET: ret, ENVID: envid } = parameters.value;
  if (size !== undefined && !/^\d{1,20}$/.test(size)) return bad("bad-parameter", "SIZE");
  if (body !== undefined && !/^(7BIT|8BITMIME)$/i.test(body)) return bad("bad-parameter", "BODY");
  if (auth !== undefined && decodeXtext(auth) === undefined) return bad("bad-parameter", "AUTH");
  const full = ret?.toUpperCase();
  if (full !== undefined && full !== "FULL" && full !== "HDRS") return bad("bad-parameter", "RET");
  if (envid !== undefined && (envid.length > envidMax || decodeXtext(envid) === undefined)) {
    return bad("bad-parameter", "ENVID");
  }
  const dsn: NonNullable<Envelope["dsn"]> = {
    ...(full === undefined ? {} : { ret: full }),
    ...(envid === undefined ? {} : { envid }),
  };
  return ok({
    path: withoutRoute(match[1] ?? ""),
    eightBit: body?.toUpperCase() === "8BITMIME",
    ...(parameters.value["REQUIRETLS"] === undefined ? {} : { requireTls: true }),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(Object.keys(dsn).length === 0 ? {} : { dsn }),
  });
}

/** `line`: without its CRLF, decoded as UTF-8. */
export function readRcpt(line: string, offered: Offered): Read<RcptCommand> {
  const match = rcptPattern.exec(line);
  if (match === null) return bad("bad-rcpt-syntax");
  const parameters = readParameters(
    match[2] ?? "",
    (key) => offered.dsn && (key === "NOTIFY" || key === "ORCPT"),
  );
  if (parameters.kind === "bad") return parameters;
  const { NOTIFY: notify, ORCPT: orcpt } = parameters.value;
  const wishes = notify === undefined ? undefined : readNotify(notify);
  if (notify !== undefined && wishes === undefined) return bad("bad-parameter", "NOTIFY");
  if (orcpt !== undefined && !isOrcpt(orcpt)) return bad("bad-parameter", "ORCPT");
  const dsn: RecipientDsn = {
    ...(wishes === undefined ? {} : { notify: wishes }),
    ...(orcpt === undefined ? {} : { orcpt }),
  };
  const path = withoutRoute(match[1] ?? "");
  return ok(Object.keys(dsn).length === 0 ? { path } : { path, dsn });
}

/** RFC 5321 appendix C: `<@relay.example:user@host>` must be taken, and its route ignored. */
function withoutRoute(path: string): string {
  return path.replace(/^@[^:"]*:/, "");
}

function isOfMail(key: string, offered: Offered): boolean {
  switch (key) {
    case "SIZE":
    case "BODY":
      return true;
    case "AUTH":
      return offered.auth;
    case "RET":
    case "ENVID":
      return offered.dsn;
    case "REQUIRETLS":
      return offered.requireTls;
    default:
      return false;
  }
}

type Parameters = Readonly<Partial<Record<string, string>>>;

const noParameters: Parameters = {};

function readParameters(text: string, isKnown: (key: string) => boolean): Read<Parameters> {
  if (text === "") return ok(noParameters);
  const values = new Map<string, string>();
  for (const parameter of text.split(" ").filter((each) => each !== "")) {
    const match = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e]+))?$/.exec(parameter);
    const key = match?.[1]?.toUpperCase();
    if (key === undefined) return bad("bad-parameter");
    if (!isKnown(key)) return bad("unknown-parameter");
    const value = match?.[2];
    const isFlag = key === "REQUIRETLS"; // RFC 8689 §2: it takes no value, and all others here take one
    if ((value === undefined) !== isFlag || values.has(key)) return bad("bad-parameter", key);
    values.set(key, value ?? "");
  }
  return ok(Object.fromEntries(values));
}

/** RFC 3461 §4.1: NEVER alone, or a list of the others. */
function readNotify(text: string): RecipientDsn["notify"] | undefined {
  const wishes: ("NEVER" | "SUCCESS" | "FAILURE" | "DELAY")[] = [];
  for (const word of text.toUpperCase().split(",")) {
    if (word !== "NEVER" && word !== "SUCCESS" && word !== "FAILURE" && word !== "DELAY") {
      return undefined;
    }
    if (!wishes.includes(word)) wishes.push(word);
  }
  return wishes.includes("NEVER") && wishes.length > 1 ? undefined : wishes;
}

function isOrcpt(text: string): boolean {
  const match = /^[A-Za-z0-9-]{1,40};(.+)$/.exec(text);
  return text.length <= orcptMax && match?.[1] !== undefined && decodeXtext(match[1]) !== undefined;
}

function ok<T>(value: T): Read<T> {
  return { kind: "ok", value };
}

function bad(name: Complaint, detail?: string): { readonly kind: "bad"; readonly reply: Reply } {
  return { kind: "bad", reply: protocolReply(name, detail) };
}

type Complaint = "bad-mail-syntax" | "bad-rcpt-syntax" | "bad-parameter" | "unknown-parameter";
