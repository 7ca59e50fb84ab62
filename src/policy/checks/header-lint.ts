// Header facts that receiving providers hold against a message, as advice. What makes it malformed is refused earlier.
import type { HeaderView } from "../../content/view.ts";
import { remember } from "../../mail/remember.ts";
import type { Mailbox } from "../../mail/mailbox.ts";
import { onceFor } from "../once-for.ts";
import { observe, type Judged, type Observation } from "../rule.ts";
import type { Sender } from "../stream.ts";

export function headerLint({ view, facts }: Judged): readonly Observation[] {
  const { from, subject, to } = view.header;
  const found: Observation[] = [...answers(view.header, facts.stream.sender)];
  if (from.length > 1)
    found.push(
      observe(
        "warn",
        `From has ${from.length} addresses; Gmail asks for one`,
        `From に ${from.length} 件のアドレスがあります（1 件にしてください）`,
        "header",
      ),
    );
  for (const mailbox of from) found.push(...shownName(mailbox, facts.stream.sender));
  for (const [field, text] of [
    ["From", from.map((mailbox) => mailbox.displayName).join("\n")],
    ["Subject", subject],
  ])
    if (text !== undefined && overrides.test(text))
      found.push(
        observe(
          "warn",
          `${field} has a character that turns the order of letters round (U+202D, U+202E)`,
          `${field} に文字の並びを逆にする制御文字（U+202D・U+202E）が含まれています`,
          "header",
        ),
      );
  if (view.header.eightBit !== "")
    found.push(
      observe(
        "warn",
        `${view.header.eightBit} has characters that are neither ASCII nor encoded (RFC 2047): receivers without SMTPUTF8 cannot be sent it`,
        `${view.header.eightBit} に符号化（RFC 2047）されていない文字があります（SMTPUTF8 非対応の受信側には配送できません）`,
        "header",
      ),
    );
  if (subject.trim() === "")
    found.push(observe("warn", "there is no subject", "件名がありません", "header"));
  if (to.length === 0)
    found.push(observe("warn", "there is no address in To", "To にアドレスがありません", "header"));
  return found.length > 0
    ? found
    : [
        observe(
          "pass",
          "From, To and Subject are in order",
          "From・To・Subject に問題はありません",
          "header",
        ),
      ];
}

/** UAX #9: what is written is not what is shown. */
const overrides = /[\u202d\u202e]/;

/** Display names that make the reader believe another than the sender writes (law.md §5.1: "display name = sender only"). */
function shownName({ displayName, address }: Mailbox, sender: Sender): readonly Observation[] {
  if (displayName === "") return [];
  const found: Observation[] = [];
  const { shown, plain: name } = readName(displayName);
  if (shown !== undefined && shown.toLowerCase() !== address.text.toLowerCase())
    found.push(
      observe(
        "warn",
        "the From name shows another mail address than the sender's",
        "差出人の表示名に、送信元と異なるアドレスが含まれています",
        "header",
      ),
    );
  if (othersOf(sender).some((other) => name.includes(other)))
    found.push(
      observe(
        "warn",
        "the From name shows the name of another sender of this gateway",
        "差出人の表示名に、別の送信者の名称が含まれています",
        "header",
      ),
    );
  return found;
}

const readName = remember((displayName) => ({
  shown: /[^\s<>"]{1,64}@[^\s<>"]{1,255}\.[a-z]{2,}/i.exec(displayName.normalize("NFKC"))?.[0],
  plain: plain(displayName),
}));

/** The names of other senders that are no part of this one's. */
const othersOf = onceFor(({ legal, otherNames }: Sender) => {
  const own = legal.names.map(plain);
  return (otherNames ?? [])
    .map(plain)
    .filter((other) => other.length > 1 && !own.some((each) => each.includes(other)));
});

/** Answers that go to somebody else's domain: often a mistake, and what forgers do. */
function answers(header: HeaderView, sender: Sender): readonly Observation[] {
  const { domains, replyDomains = [] } = sender;
  const strange = header.replyTo.find(
    ({ address: { domain } }) => !domains.includes(domain) && !replyDomains.includes(domain),
  );
  return strange === undefined
    ? []
    : [
        observe(
          "warn",
          `Reply-To is of ${strange.address.domain}, which is no domain of the sender's`,
          `Reply-To が送信者のドメインではありません（${strange.address.domain}）`,
          "header",
        ),
      ];
}

function plain(text: string): string {
  return text.normalize("NFKC").replace(/\s+/g, "").toLowerCase();
}
