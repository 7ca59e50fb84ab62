// Sections `delivery`, `dkim` and `dns`: where mail goes out, signed how, by which name servers.
import Type from "typebox";

import {
  choice,
  duration,
  durationOrZero,
  flag,
  optionalDuration,
  optionalText,
  text,
  texts,
  whole,
} from "./fields.ts";

const closed = { additionalProperties: false } as const;

export const deliverySchema = Type.Object(
  {
    routes: Type.Array(
      Type.Object(
        {
          domain: text("Recipient domain; `*` matches every one, `*.example.jp` those below."),
          via: text("`mx`, or a smarthost as smtp://host:port."),
        },
        closed,
      ),
      { description: "First match wins.", default: [{ domain: "*", via: "mx" }] },
    ),
    tls: Type.Object(
      {
        default: choice(
          "encrypt: always TLS, any certificate. verify: a valid certificate for the host's name too. Never plain text.",
          ["encrypt", "verify"],
          "encrypt",
        ),
        domains: Type.Array(
          Type.Object(
            {
              domain: text("Recipient domain; `*.example.jp` matches those below."),
              policy: choice("As `default`.", ["encrypt", "verify"]),
            },
            closed,
          ),
          { description: "Your own policy for single domains; the first match wins.", default: [] },
        ),
        mta_sts: flag("Fetch and keep to the MTA-STS policies of receivers (RFC 8461).", true),
        reports: flag("Send daily TLS reports to the domains that ask for them (RFC 8460).", true),
        report_from: optionalText(
          "Address that TLS reports come from, at a From domain of yours. Absent: tls-reports@ the first one.",
        ),
      },
      { ...closed, default: {} },
    ),
    retry: Type.Object(
      {
        schedule: Type.Array(duration("Delay.", "5m"), {
          minItems: 1,
          description: "Delay before attempt 2, 3 …; the last one repeats.",
          default: ["5m", "15m", "1h", "4h", "12h"],
        }),
        max_age: duration(
          "From reception until the recipient is given up and reported (RFC 5321 §4.5.4.1).",
          "4d",
        ),
        delay_notice: durationOrZero(
          "From reception until the sender is told, once, that a recipient's copy still waits; 0s: never.",
          "4h",
        ),
        destinations: Type.Array(
          Type.Object(
            {
              domain: text("Recipient domain; `*.example.jp` matches those below."),
              schedule: Type.Optional(Type.Array(duration("Delay.", "5m"), { minItems: 1 })),
              max_age: optionalDuration("As above, for this domain."),
            },
            closed,
          ),
          { description: "Other schedules for single domains; the first match wins.", default: [] },
        ),
      },
      { ...closed, default: {} },
    ),
    pace: Type.Array(
      Type.Object(
        {
          sender: optionalText("Bounds all mail of this sender …"),
          stream: optionalText("… or of this stream …"),
          from: optionalText("… or of this From domain. Exactly one of the three."),
          rate: texts(
            'Messages in a time, each bound for itself: "10/s", "600/m", "20000/h", "200000/d".',
          ),
          connections: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 10_000, description: "Attempts at once." }),
          ),
          warm_up: Type.Optional(
            Type.String({
              pattern: "^\\d{4}-\\d{2}-\\d{2}$",
              description:
                "First day (UTC) of the warm-up ladder of config/shaping.yaml, which bounds each receiver by the day.",
            }),
          ),
        },
        closed,
      ),
      { description: "Your own bounds, beside those of receivers.", default: [] },
    ),
    shaping_file: optionalText(
      "The receivers' paces in place of the shipped config/shaping.yaml; relative paths start at this file's folder.",
    ),
    replies_file: optionalText(
      "What replies mean in place of the shipped config/replies.yaml; read again when it changes.",
    ),
    max_reports_per_hour: whole(
      "Delivery reports to one sender in an hour; beyond it they are only logged.",
      500,
      1,
      1_000_000,
    ),
    allow_private: texts("Private ranges that MX delivery may dial, as CIDR; for test networks."),
    mx_port: whole("Port dialled at an MX host.", 25, 1, 65_535),
    max_connections: whole("Outbound connections at once.", 100, 1, 10_000),
    max_connections_per_destination: whole(
      "Outbound connections at once to one host.",
      10,
      1,
      1000,
    ),
    max_messages_per_connection: whole(
      "Messages sent over one connection before it is closed.",
      100,
      1,
      100_000,
    ),
    report_language: choice("Language of delivery reports beside English.", ["ja", "en"], "ja"),
  },
  { ...closed, default: {} },
);

export const dkimSchema = Type.Object(
  {
    require_published: flag(
      "A key signs only once its record is seen in DNS; false for closed networks.",
      true,
    ),
    verify_share: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 1,
      description: "Share of signatures verified once more before the message leaves.",
    }),
    rotate_every: optionalDuration(
      "Age at which a key gets a successor by itself: it takes over once its record is seen. Absent: by keys rotate only.",
    ),
    retire_after: durationOrZero(
      "How long a key that no longer signs keeps its record: mail signed by it is still under way.",
      "7d",
    ),
  },
  { ...closed, default: {} },
);

export const dnsSchema = Type.Object(
  {
    servers: texts('Name servers as "address:port"; empty: the system\'s.'),
    validating: texts(
      'Validating resolvers on this machine, as "127.0.0.1:53": with one, DANE is kept to (RFC 7672). Empty: no DANE.',
    ),
    timeout: duration("For one look-up.", "5s"),
    source_addresses: texts(
      "Public addresses from which mail leaves, for SPF and PTR. Empty: the machine's own public ones; name them behind NAT or a smarthost.",
    ),
    check_every: duration("How often the senders' DNS is checked.", "1h"),
    on_failure: Type.Optional(
      choice(
        "What a finding does that receivers refuse mail for. hold: the sender's mail is deferred and waits. warn: it is told and counted. off: no checks. Default: hold; warn where no mail gets out (hostname localhost, smarthosts on this machine, allow_private set); with dkim.require_published false: warn with dns.servers, else off.",
        ["hold", "warn", "off"],
      ),
    ),
  },
  { ...closed, default: {} },
);
