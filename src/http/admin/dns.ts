// /v1/dns: what receivers look up about the senders, judged; and what a sender lacks before its first campaign.
import Type from "typebox";

import { checklist } from "../../dns/checklist.ts";
import { checks, describeFinding, outcomes, type CheckName } from "../../dns/finding.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { choice, closed, id, orNull, pageOf, time } from "../fields.ts";
import type { HttpParts, HttpSettings } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { bySender } from "../reach.ts";

const checkNames = Object.keys(checks) as readonly CheckName[]; // Object.keys forgets the keys' type.
const unknownSender = "is not in the configuration; see which are: GET /v1/senders";
const languages = ["ja", "en"] as const;
const findingSchema = Type.Object({
  sender: orNull("Whose; null: about the gateway itself."),
  domain: Type.String({ description: "The domain, host or address it is about." }),
  check: choice(checkNames, "What was looked at."),
  outcome: choice(outcomes, "fail: receivers refuse mail for it; unknown: no answer."),
  problem: orNull("Stable name of what is wrong."),
  found: Type.String(),
  expected: Type.String(),
  remedy: Type.String(),
});
const checklistSchema = Type.Object({
  sender: Type.String(),
  ready: Type.Boolean({ description: "Nothing is left to be done before the first campaign." }),
  items: Type.Array(
    Type.Object({
      item: Type.String(),
      title: Type.String(),
      outcome: choice(outcomes, "fail: to be done."),
      detail: Type.String(),
    }),
  ),
});
const query = {
  language: Type.Optional(choice(languages, "Of remedies and titles; default en.")),
  fresh: Type.Optional(
    Type.Boolean({ description: "Look now; else the findings of the last check-up." }),
  ),
};

export function dnsRoutes(app: App, parts: HttpParts, settings: HttpSettings): void {
  app.get(
    "/dns",
    {
      config: needs("dns", "read"),
      schema: {
        summary: "What receivers look up about the senders, judged",
        querystring: Type.Object({ ...query, sender: Type.Optional(id) }, closed),
        response: {
          200: Type.Intersect([
            pageOf(findingSchema),
            Type.Object({ at: time("When it was looked at.") }),
          ]),
        },
      },
    },
    async (request, reply) => {
      const { language = "en", fresh = false, sender } = request.query;
      if (sender !== undefined && !parts.senders.some((each) => each.id === sender))
        return refuseField(request, reply, "sender", unknownSender);
      const report = await reportOf(parts, fresh);
      if (report === undefined) return refuse(request, reply, "not-found", noReport);
      const items = report.findings
        .filter((each) => sender === undefined || (each.sender ?? sender) === sender)
        .map((finding) => describeFinding(finding, language));
      return { at: report.at.toISOString(), items, next: null };
    },
  );
  app.get(
    "/dns/:sender/checklist",
    {
      config: needs("dns", "read", { reach: bySender }),
      schema: {
        summary: "What a sender still lacks before its first campaign",
        params: Type.Object({ sender: id }),
        querystring: Type.Object(query, closed),
        response: { 200: checklistSchema },
      },
    },
    async (request, reply) => {
      const { language = "en", fresh = false } = request.query;
      const sender = parts.senders.find((each) => each.id === request.params.sender);
      const report = sender === undefined ? undefined : await reportOf(parts, fresh);
      if (sender === undefined)
        return refuse(request, reply, "not-found", {
          detail: `the sender ${unknownSender}`,
        });
      if (report === undefined) return refuse(request, reply, "not-found", noReport);
      const streams = new Set(
        parts.streams.filter((stream) => stream.sender.id === sender.id).map((stream) => stream.id),
      );
      const credentials = await parts.credentials.list();
      const { items, ...rest } = checklist({
        sender: sender.id,
        report,
        hasAddress: sender.legal.addresses.length > 0,
        hasContact: sender.legal.contacts.length > 0,
        hasCredential: credentials.some(
          ({ stream, revokedAt }) => streams.has(stream) && revokedAt === undefined,
        ),
        hasPublicUrl: settings.publicUrl?.startsWith("https://") === true,
        hasFeedback: parts.dns?.hasFeedback === true,
      });
      return {
        ...rest,
        items: items.map((item) => ({ ...item, title: item.title[language] })),
      };
    },
  );
}

const noReport = {
  detail: "DNS was not looked at yet",
  remedy: "Ask with fresh=true, or see dns.on_failure.",
};

async function reportOf(
  parts: HttpParts,
  fresh: boolean,
): ReturnType<NonNullable<HttpParts["dns"]>["look"]> {
  return fresh ? parts.dns?.look() : parts.dns?.report();
}
