// Section `approval`: how a second person is asked, and how campaigns are told apart.
import Type from "typebox";

import { duration, texts } from "./fields.ts";

export const approvalSchema = Type.Object(
  {
    expires: duration(
      "A request that nobody decided ends after this; what is held stays held until a person releases or rejects it.",
      "3d",
    ),
    campaign_headers: texts(
      "Header fields whose value names a campaign; the first that a message has counts. Without one, the stream and the fingerprint of the text tell campaigns apart.",
      ["X-Campaign-Id", "X-Campaign", "X-Mailer-Campaign"],
    ),
  },
  { additionalProperties: false, default: {} },
);
