// Intake: SMTP's verbs as questions with values for answers, ending in queue.accept().
import { parseRanges, type AddressRanges } from "../identity/address-range.ts";
import type { Evidence } from "../consent/event.ts";
import type { Address } from "../mail/address.ts";
import type { Stream } from "../policy/stream.ts";
import type { Envelope } from "../mail/envelope.ts";
import { createMessageId } from "../mail/message-id.ts";
import { bad, ok, type Parsed } from "../mail/parsed.ts";
import { refused, type Answer } from "./answer.ts";
import { decideBegin } from "./begin.ts";
import { createCapacity } from "./capacity.ts";
import type { IntakeParts } from "./parts.ts";
import { actorOf, authenticate, renew, type Principal } from "./principal.ts";
import { freezesNow, isFrozen } from "./frozen.ts";
import { createRefusalLog, type RefusalLog } from "./refusal-log.ts";
import { createTokenBuckets, type TokenBuckets } from "./token-bucket.ts";
import { openTransaction, refusalEvent, type Transaction } from "./transaction.ts";

type Beginning =
  | { readonly kind: "begun"; readonly transaction: Transaction }
  /** The credential was revoked or has expired since the login. */
  | { readonly kind: "not-authenticated" }
  | { readonly kind: "refused"; readonly answer: Answer };

/** What the listener knows of a client. */
interface Client {
  readonly address: string;
}

export interface RangePrincipal {
  readonly principal: Principal;
  readonly allow: AddressRanges;
}

export interface Intake extends AsyncDisposable {
  /** undefined: unknown name or wrong secret, not told apart. Rejects where credentials cannot be read. */
  readonly authenticate: (
    username: string,
    secret: string,
    client: Client,
  ) => Promise<Principal | undefined>;
  /** Who the clients of a listener without authentication are: every address in `ranges` (CIDR) stands for the stream. */
  readonly rangePrincipal: (streamId: string, ranges: readonly string[]) => Parsed<RangePrincipal>;
  /** MAIL. `mailFrom` null is `<>`. */
  readonly begin: (
    principal: Principal,
    mail: { readonly mailFrom: Address | null } & Pick<Envelope, "eightBit" | "dsn" | "requireTls">,
    client: Client,
  ) => Promise<Beginning>;
  /** A message that the gateway wrote for a sender: judged, logged and stored as if it had come by SMTP. */
  readonly submit: (message: OwnMessage) => Promise<Answer>;
}

export interface OwnMessage {
  readonly messageId: string;
  readonly stream: Stream;
  /** At whose wish: `token:ID`. */
  readonly actor: string;
  readonly mailFrom: Address;
  readonly to: Address;
  /** With CRLF line ends. Handed over. */
  readonly content: Buffer;
  readonly remoteAddress: string;
  readonly requestEvidence?: Evidence;
}

/** Disposing it writes the refusals that are still waiting, where their log is its own. */
export function createIntake(parts: IntakeParts): Intake {
  const streams = new Map(parts.streams.map((stream) => [stream.id, stream]));
  const refusals = parts.refusals ?? createRefusalLog(parts.audit, parts.log);
  const mayBegin = createBeginCheck(parts, refusals);
  const authentication = { credentials: parts.credentials, streams, clock: parts.clock };

  return {
    authenticate: async (username, secret, client) => {
      const attempt = { username, secret, address: client.address };
      const result = await authenticate(authentication, attempt);
      if (result.kind === "authenticated") return result.principal;
      // An unknown name may be a password typed into the wrong field: it is kept nowhere.
      if (result.known !== undefined) {
        refusals.note({
          type: "Login",
          at: parts.clock(),
          actor: `credential:${result.known}`,
          detail: { result: "refused", channel: "smtp", remote: client.address },
        });
      }
      return undefined;
    },
    rangePrincipal: (streamId, ranges) => {
      const stream = streams.get(streamId);
      if (stream === undefined) return bad(`names the unknown stream ${streamId}`);
      const parsed = parseRanges(ranges);
      if (parsed.kind === "bad") return parsed;
      return ok({ principal: { kind: "range", stream }, allow: parsed.value });
    },
    begin: async (known, mail, client) => {
      const principal = await renew(authentication, known);
      if (principal === undefined) return { kind: "not-authenticated" };
      const { stream } = principal;
      const actor = actorOf(principal);
      const facts = {
        messageId: createMessageId(parts.clock()),
        actor,
        stream,
        envelope: { ...mail, smtpUtf8: false },
        remoteAddress: client.address,
      };
      const answer = await mayBegin(stream, actor, mail.mailFrom);
      if (answer.kind === "sender-ok") {
        return { kind: "begun", transaction: openTransaction(parts, refusals, facts) };
      }
      if (answer.kind === "refused" && answer.no.row.code >= 500) {
        const noted = refusals.note(refusalEvent(parts, facts, answer, "mail"));
        if (!noted) return { kind: "refused", answer: refused("internal-error") };
      }
      return { kind: "refused", answer };
    },
    submit: async ({ to, content, mailFrom, ...about }) => {
      const { stream, actor } = about;
      const begun = await mayBegin(stream, actor, mailFrom);
      if (begun.kind !== "sender-ok") return begun;
      const envelope = { mailFrom, eightBit: false, smtpUtf8: false };
      const transaction = openTransaction(parts, refusals, { ...about, envelope });
      const admitted = await transaction.recipient(to.text);
      if (admitted.kind !== "recipient-ok") return transaction.settled(admitted);
      return transaction.message(content, { helo: parts.hostname, protocol: "HTTP" });
    },
    [Symbol.asyncDispose]: async () => {
      if (parts.refusals === undefined) await refusals[Symbol.asyncDispose]();
    },
  };
}

/** Whether a message of this stream may come now, by everything that is known before its recipients are. */
function createBeginCheck(
  parts: IntakeParts,
  refusals: Pick<RefusalLog, "healthy">,
): (stream: Stream, actor: string, mailFrom: Address | null) => Promise<Answer> {
  const now = (): number => parts.clock().getTime();
  const capacity = createCapacity(parts.queue, parts.limits, now, parts.health);
  const rates = new Map<string, TokenBuckets>();
  for (const [stream, perMinute] of parts.messagesPerMinute) {
    const rule = { capacity: perMinute, refillPerSecond: perMinute / 60 };
    rates.set(stream, createTokenBuckets(rule, now));
  }
  return async (stream: Stream, actor: string, mailFrom: Address | null): Promise<Answer> => {
    const freezes = await freezesNow(parts);
    return decideBegin({
      stream,
      mailFrom,
      frozen: isFrozen(freezes, stream),
      notReady: parts.senderHold?.(stream.sender.id),
      room: refusals.healthy() && freezes !== undefined ? await capacity() : "unavailable",
      withinRate: rates.get(stream.id)?.take(actor) ?? true,
    });
  };
}
