// Section `feedback`: where what comes back is taken in, and what happens to it.
import Type from "typebox";

import { flag, id, optionalText, text } from "./fields.ts";

const closed = { additionalProperties: false } as const;

export const feedbackSchema = Type.Object(
  {
    domain: optionalText(
      "Domain of return paths and opt-out mailboxes; its MX must lead to a listener with role feedback. Default: hostname. Former ones are still taken.",
    ),
    pass_on: flag(
      "Mail that comes back to a return path also goes on to the MAIL FROM that the client used, attached to a mail of the gateway's own.",
      true,
    ),
    mailboxes: Type.Array(
      Type.Object(
        {
          address: text(
            "The mailbox, such as fbl@gw.example.jp; mail to its domain must come here.",
          ),
          sender: Type.Optional(
            id("Whose mail is answered there: who asks to stop stops all of this sender's mail."),
          ),
        },
        closed,
      ),
      {
        default: [],
        description:
          "Further mailboxes of the feedback listener: complaints (FBL), replies. postmaster and abuse at its domains are always taken.",
      },
    ),
  },
  { ...closed, default: {} },
);
