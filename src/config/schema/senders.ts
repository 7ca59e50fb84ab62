// Sections `senders` and `streams`: who is answerable for the mail, and which kinds of mail there are.
import Type from "typebox";

import { choice, flag, id, optionalDuration, text, texts, whole } from "./fields.ts";

const closed = { additionalProperties: false } as const;

export const senderSchema = Type.Object(
  {
    id: id("Short name used in commands, events and replies."),
    legal: Type.Object(
      {
        names: Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          description:
            "Registered names (法4条1号), one of which each message must show: the formal name, not a brand.",
        }),
        addresses: texts("Registered postal addresses (施行規則 9条2号)."),
        contacts: texts(
          "Phone numbers, mail addresses and URLs that take complaints and questions (施行規則 9条3号).",
        ),
        opt_out_hosts: texts(
          "Hosts at which an opt-out link or mailbox may be; the host of http.public_url is always one.",
        ),
        pages: choice(
          "Where a message leaves the address or the contact to a page of the sender (規則7条1項3号). trust: a link that says so is enough. fetch: the page is read and must show it. fetch-if-reachable: the same, but a page that cannot be had now is a warning.",
          ["trust", "fetch", "fetch-if-reachable"],
          "trust",
        ),
      },
      { ...closed, description: "What the rules compare each message with." },
    ),
    domains: Type.Array(text("A domain."), {
      minItems: 1,
      description: "Domains allowed in From, Sender and MAIL FROM, each named in full.",
    }),
    approvals: Type.Array(
      choice("An act.", [
        "release",
        "suppression-removal",
        "export",
        "campaign",
        "sender",
        "rules",
      ]),
      {
        default: [],
        description:
          "Acts that need a second person: release of held mail, removal of a suppression, bulk export, a new campaign's first messages; sender: new senders, and this one's registered names and domains; rules: this sender's streams and their rules. Changes of the last two kinds stay without effect until two people have approved them.",
      },
    ),
    bounce_domain: Type.Optional(
      text(
        "Domain of this sender's return paths, such as bounce.example.jp, so that SPF aligns with From; its MX must lead to a listener with role feedback. Default: feedback.domain.",
      ),
    ),
    parked_domains: texts(
      "Domains of this sender that send no mail: the DNS check-up says how to keep others from using them.",
    ),
    reply_domains: texts("Domains allowed in Reply-To beside `domains`; others are warned about."),
    max_age: Type.Object(
      {
        consent: optionalDuration("Of a consent, from the time it was given."),
        written_notice: optionalDuration("Of a business card or paper."),
        any_notice: optionalDuration("Of a notification by other means."),
        relationship: optionalDuration("Of dealings, from the time on record."),
        published_address: optionalDuration("Of a published address, from when it was seen."),
        contract: optionalDuration("Of a contract."),
      },
      {
        ...closed,
        default: {},
        description:
          "How long a basis counts, from the time of the grant: afterwards it has expired. Absent: without end, but for the grant's own expires_at.",
      },
    ),
    strict_opt_in: flag(
      "Only the basis `consent` counts; business cards, dealings and published addresses do not.",
      false,
    ),
  },
  closed,
);

export const streamSchema = Type.Object(
  {
    id: id("Short name; credentials are bound to it."),
    sender: id("Id of the sender it belongs to."),
    class: choice(
      "What kind of mail it is (law.md JP-08, JP-09, JP-16). Never taken from a header.",
      ["marketing", "transactional", "contract-incidental", "consent-request"],
      "marketing",
    ),
    topic: id("The topic whose consent is looked up."),
    rules: texts("Rule packs: jp (特定電子メール法), jp-tokusho (特定商取引法).", ["jp"]),
    on_violation: choice(
      "What happens to a message that breaks a rule: refuse it at DATA, hold it for a person, or observe (log it and let it go).",
      ["refuse", "hold", "observe"],
      "refuse",
    ),
    observe: texts("Rules that only observe, by name (`jp/contact`)."),
    disable: texts("Rules switched off, by name; the change is in the audit log."),
    list_unsubscribe: choice(
      "The client's List-Unsubscribe: keep it, add ours where there is none, or replace it by ours (RFC 8058).",
      ["keep", "add", "replace"],
      "keep",
    ),
    placeholder: flag(
      "{{sekisho.unsubscribe_url}} in the text and HTML of a message becomes the recipient's own opt-out link before it is signed; needs http.public_url.",
      false,
    ),
    max_messages_per_minute: whole(
      "Messages a minute over all credentials of the stream; 0: no limit.",
      0,
      0,
      10_000_000,
    ),
  },
  closed,
);
