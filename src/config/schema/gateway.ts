// The whole configuration file as one schema: descriptions, defaults and ranges live here and nowhere else.
import Type from "typebox";

import { deliverySchema, dkimSchema, dnsSchema } from "./delivery.ts";
import { choice, flag, optionalText, text, texts, whole } from "./fields.ts";
import { approvalSchema } from "./approval.ts";
import { feedbackSchema } from "./feedback.ts";
import { pagesSchema } from "./pages.ts";
import { peopleSchema } from "./people.ts";
import { senderSchema, streamSchema } from "./senders.ts";
import { smtpSchema } from "./smtp.ts";

const closed = { additionalProperties: false } as const;

export const storagePattern = "^sqlite:.+$";

export const gatewaySchema = Type.Object(
  {
    version: Type.Literal(1, { description: "Version of this file's form.", default: 1 }),
    hostname: text(
      "The gateway's own name in EHLO, Received and reports: a full domain name that resolves to it.",
      {
        default: "localhost.localdomain",
      },
    ),
    data_dir: text("Where the database is kept; relative paths start at this file's folder.", {
      default: "./data",
    }),
    keys_dir: text(
      "Where the sealed keys and the master key are kept; relative paths start at this file's folder.",
      { default: "./keys" },
    ),
    master_key: Type.Object(
      {
        file: optionalText(
          "File with the master key (32 octets as base64). Absent: keys_dir/master.key, made at first start.",
        ),
        command: texts(
          "Program and arguments that print the master key, such as a secret store's; no shell. Before file.",
        ),
      },
      { ...closed, default: {} },
    ),
    storage: Type.Object(
      {
        url: Type.String({
          pattern: storagePattern,
          default: "sqlite:sekisho.db",
          description: "sqlite:FILE, relative to data_dir.",
        }),
      },
      { ...closed, default: {} },
    ),
    log: Type.Object(
      {
        level: choice("Least level that is logged.", ["debug", "info", "warn", "error"], "info"),
      },
      { ...closed, default: {} },
    ),
    smtp: smtpSchema,
    http: Type.Object(
      {
        host: text("Address to listen on.", { default: "127.0.0.1" }),
        port: whole("TCP port; 0 takes a free one.", 8080, 0, 65_535),
        public_url: optionalText(
          "URL under which recipients reach this gateway; stands in opt-out links and refusals.",
        ),
        tls: Type.Object(
          {
            cert_file: optionalText(
              "PEM certificate chain: the gateway then speaks https by itself. Absent: http, for a proxy in front.",
            ),
            key_file: optionalText("PEM private key of the certificate."),
          },
          { ...closed, default: {} },
        ),
        require_if_match: flag(
          "Changes of what exists need If-Match with its ETag, so that nobody overwrites what they have not seen (428 otherwise).",
          false,
        ),
        trusted_proxies: texts("Addresses or CIDR ranges whose X-Forwarded-For is believed."),
      },
      { ...closed, default: {} },
    ),
    people: peopleSchema,
    approval: approvalSchema,
    senders: Type.Array(senderSchema, {
      default: [],
      description: "Legal entities answerable for mail.",
    }),
    streams: Type.Array(streamSchema, {
      default: [],
      description: "Kinds of mail, each of one sender.",
    }),
    pages: pagesSchema,
    delivery: deliverySchema,
    feedback: feedbackSchema,
    dkim: dkimSchema,
    dns: dnsSchema,
  },
  closed,
);

export type GatewayFile = Type.Static<typeof gatewaySchema>;
