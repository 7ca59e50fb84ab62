// Section `approval`: how a second person is asked, and how campaigns are told apart.
import Type from "typebox";

import { duration, texts, whole } from "./fields.ts";

export const approvalSchema = Type.Object(
  {
    expires: duration(
      "A request that nobody decided ends after this; what was held is rejected.",
      "3d",
    ),
    campaign_headers: texts(
      "Header fields whose value names a campaign; the first that a message has counts. Without one, the stream and the fingerprint of the text tell campaigns apart.",
      ["X-Campaign-Id", "X-Campaign", "X-Mailer-Campaign"],
    ),
    campaign_factor: whole(
      "A campaign known already is held anew when it goes to so many times the recipients that were usual.",
      3,
      2,
      1000,
    ),
  },
  { additionalProperties: false, default: {} },
);
