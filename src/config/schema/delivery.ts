// Sections `delivery`, `dkim` and `dns`: where mail goes out, signed how, by which name servers.
import Type from "typebox";

import { choice, duration, flag, text, texts, whole } from "./fields.ts";

const closed = { additionalProperties: false } as const;

export const deliverySchema = Type.Object(
  {
    routes: Type.Array(
      Type.Object(
        {
          domain: text("Recipient domain; `*` matches every one, `*.example.jp` those below."),
          via: Type.String({
            pattern: "^(mx|smtp://.+)$",
            description: "`mx`, or a smarthost as smtp://host:port.",
          }),
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
      },
      { ...closed, default: {} },
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
  },
  { ...closed, default: {} },
);

export const dnsSchema = Type.Object(
  {
    servers: texts('Name servers as "address:port"; empty: the system\'s.'),
    timeout: duration("For one look-up.", "5s"),
  },
  { ...closed, default: {} },
);
