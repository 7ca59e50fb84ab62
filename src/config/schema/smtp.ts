// Section `smtp`: where mail comes in, and its limits.
import Type from "typebox";

import { choice, duration, flag, id, optionalText, text, texts, whole } from "./fields.ts";

const closed = { additionalProperties: false } as const;

export const listenerSchema = Type.Object(
  {
    host: text("Address to listen on.", { default: "0.0.0.0" }),
    port: Type.Integer({
      minimum: 0,
      maximum: 65535,
      description: "TCP port; 0 takes a free one.",
    }),
    tls: choice(
      "starttls: TLS is required before AUTH and MAIL. implicit: TLS from the first byte (RFC 8314). optional: offered, not required; only together with `auth: none`.",
      ["starttls", "implicit", "optional"],
      "starttls",
    ),
    auth: choice(
      "required: AUTH PLAIN or LOGIN with a credential. none: the address ranges in `allow` stand for one.",
      ["required", "none"],
      "required",
    ),
    allow: texts("With `auth: none`: CIDR ranges that may connect."),
    stream: Type.Optional(
      id("With `auth: none`: the stream that clients of this listener send by."),
    ),
    role: choice(
      "submission: mail of MA tools. feedback: what comes back (bounces, complaints, mailto opt-outs).",
      ["submission", "feedback"],
      "submission",
    ),
  },
  closed,
);

export const smtpSchema = Type.Object(
  {
    listeners: Type.Array(listenerSchema, {
      description: "Where clients connect.",
      default: [
        { host: "127.0.0.1", port: 2587, tls: "starttls", auth: "required" },
        { host: "127.0.0.1", port: 2465, tls: "implicit", auth: "required" },
      ],
    }),
    tls: Type.Object(
      {
        cert_file: optionalText(
          "PEM certificate chain. Absent: a self-signed pair is made at first start, with a warning.",
        ),
        key_file: optionalText("PEM private key of the certificate."),
      },
      { ...closed, default: {} },
    ),
    timeouts: Type.Object(
      {
        command: duration("Between two commands (RFC 5321 §4.5.3.2.7 asks for 5 minutes).", "5m"),
        transaction: duration(
          "From MAIL to the end of DATA, however slow the client drips.",
          "15m",
        ),
      },
      { ...closed, default: {} },
    ),
    max_message_bytes: whole(
      "Largest message, in octets; offered as SIZE (RFC 1870).",
      26_214_400,
      1024,
      104_857_600,
    ),
    max_recipients: whole(
      "Recipients in one transaction; RFC 5321 §4.5.3.1.8 asks for 100.",
      100,
      1,
      10_000,
    ),
    max_connections: whole(
      "Connections at once, over all listeners; half of them at most where nobody logs in (role feedback).",
      1000,
      1,
      100_000,
    ),
    max_connections_per_address: whole(
      "Connections at once from one address, of IPv6 from one /64.",
      100,
      1,
      100_000,
    ),
    max_bytes_in_flight: whole(
      "Octets of messages being received or judged at once, half of them at most by listeners with role feedback; beyond it clients get 452.",
      268_435_456,
      1_048_576,
      8_589_934_592,
    ),
    bare_lf: choice(
      "A line feed without a carriage return in DATA: refuse the message, or normalise it to CR LF before it is judged, signed and stored.",
      ["refuse", "normalise"],
      "refuse",
    ),
    deduplicate: flag(
      "A message with the credential, Message-ID, Subject and body of one of the last day goes to nobody whom that one was for; where nobody is left, it is answered 250 as that one would be now (accepted, or held). Whoever was not reached, because that copy was rejected, dropped or taken by no receiver, may get it again.",
      true,
    ),
  },
  { ...closed, default: {} },
);
