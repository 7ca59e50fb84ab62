// Section `pages`: how the pages of senders with `legal.pages: fetch` are read.
import Type from "typebox";

import { duration, durationOrZero, texts } from "./fields.ts";

export const pagesSchema = Type.Object(
  {
    timeout: duration("For one page, from DNS to its last octet, redirects included.", "10s"),
    wait: durationOrZero(
      "How long a message waits behind DATA for a page that was not read yet; then it is deferred (451).",
      "5s",
    ),
    max_age: durationOrZero(
      "A page read longer ago than this is read anew, in the background.",
      "10m",
    ),
    max_stale: durationOrZero(
      "So long the last good reading serves while the page cannot be had (time-outs, 5xx).",
      "3d",
    ),
    allow_private: texts(
      "Private ranges that pages may be at, as CIDR, at any port; for test networks.",
    ),
  },
  { additionalProperties: false, default: {} },
);
