// /v1/approvals: what waits for a second person, and that person's word. Whoever asked cannot decide.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import {
  approvalStates,
  shownAct,
  whyNotDecide,
  type Approval,
  type Decider,
} from "../../queue/approval.ts";
import { reaches } from "../../identity/caller.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { overtaken, refuseStale, showState } from "../entity-tag.ts";
import {
  actOf,
  choice,
  closed,
  id,
  orNull,
  pageOf,
  pageQuery,
  paging,
  reasonBody,
  time,
} from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse } from "../problem.ts";
import type { Reach } from "../reach.ts";
import { recordReading } from "../reading.ts";
import { approvalState } from "../resource-state.ts";

const approvalSchema = Type.Object({
  id: Type.String(),
  kind: Type.String({
    description: "release, suppression-removal, export, campaign or settings.",
  }),
  state: choice(approvalStates, "open waits; the others are final."),
  sender: orNull("Null: every sender."),
  askedBy: Type.String(),
  askedAt: time("When it was asked for."),
  expiresAt: time("Until when it can be decided."),
  reason: orNull("Why it was asked for; of a suppression, null once the person was erased."),
  decidedBy: orNull("Who decided."),
  decidedAt: orNull("When."),
  recipients: Type.Optional(Type.Integer({ description: "Campaigns: recipients seen so far." })),
  act: Type.Object(
    {},
    {
      additionalProperties: true,
      description:
        "What is done once approved. A suppression shows its address, null once the person was erased. A campaign shows a sample: subject, text, hosts of links, findings, and why it is held.",
    },
  ),
});
const params = Type.Object({ id });

const byApproval: Reach = async (parts, request) =>
  (await parts.approvals.find((request.params as { readonly id: string }).id))?.sender;

export function approvalRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/approvals",
    {
      config: needs("approvals", "read"),
      schema: {
        summary: "What waits, or waited, for a second person; oldest first",
        querystring: Type.Object(
          { ...paging, state: Type.Optional(choice(approvalStates, "In this state only.")) },
          closed,
        ),
        response: { 200: pageOf(approvalSchema) },
      },
    },
    async (request) => {
      const { state } = request.query;
      const page = await parts.approvals.list({
        ...pageQuery(request.query),
        ...(state === undefined ? {} : { state }),
      });
      await recordReading(parts, request, { what: "approvals", count: page.items.length });
      return { items: page.items.map(view), next: page.next };
    },
  );
  app.get(
    "/approvals/:id",
    {
      config: needs("approvals", "read", { reach: byApproval }),
      schema: {
        summary: "One request, with what the approver needs to see",
        params,
        response: { 200: approvalSchema },
      },
    },
    async (request, reply) => {
      const approval = await parts.approvals.find(request.params.id);
      if (approval === undefined) return unknown(request, reply);
      await recordReading(parts, request, { what: "approval", count: 1 });
      showState(request, approvalState(approval));
      return view(approval);
    },
  );
  for (const verdict of ["approve", "reject"] as const) {
    app.post(
      `/approvals/:id/${verdict}`,
      {
        config: needs("approvals", "write", { reach: byApproval, conditional: true }),
        schema: {
          summary: verdict === "approve" ? "Approve: what was asked for is done at once" : "Reject",
          params,
          body: reasonBody,
          response: {
            200: Type.Object({
              id: Type.String(),
              state: Type.String(),
              released: Type.Integer({ description: "Held messages that go on." }),
              needed: Type.Optional(
                Type.Integer({ description: "So many more people have to approve it." }),
              ),
            }),
          },
        },
      },
      (request, reply) => decide(parts, request, reply, verdict),
    );
  }
}

async function decide(
  parts: HttpParts,
  request: FastifyRequest<{ Params: { id: string }; Body: { reason?: string } }>,
  reply: FastifyReply,
  verdict: "approve" | "reject",
): Promise<unknown> {
  const approval = await parts.approvals.find(request.params.id);
  if (approval === undefined) return unknown(request, reply);
  const decider = deciderOf(request, approval);
  const why = whyNotDecide(approval, decider);
  if (why !== undefined) return refuse(request, reply, "forbidden", { detail: why });
  const refusal = refuseStale(request, reply, approvalState(approval));
  if (refusal !== undefined) return refusal;
  const isConditional = request.headers["if-match"] !== undefined;
  const decided = await parts.approvals.decide(
    approval.id,
    verdict,
    actOf(request, parts.clock(), request.body.reason),
    decider.deputyFor?.join(" "),
    isConditional ? approval : undefined,
  );
  if (decided.kind === "not-open" && approval.state === "open" && isConditional)
    return overtaken(request, reply);
  if (decided.kind === "not-open")
    return refuse(request, reply, "conflict", {
      detail: "this was decided already, or its time is over",
      remedy: "See GET /v1/approvals/{id}.",
    });
  return decided.kind === "vouched"
    ? { id: approval.id, state: decided.approval.state, released: 0, needed: 1 }
    : { id: approval.id, state: decided.approval.state, released: decided.released };
}

/** A token is a program, whoever made it: it decides nothing. */
function deciderOf(request: FastifyRequest, { sender }: Approval): Decider {
  const { actor = "nobody", person, session, deputyFor } = request.caller ?? {};
  return {
    actor,
    ...(person === undefined || session === undefined ? {} : { person }),
    ...(deputyFor === undefined
      ? {}
      : {
          deputyFor: deputyFor
            .filter((each) =>
              sender === undefined ? each.senders.length === 0 : reaches(each, sender),
            )
            .map((each) => each.person),
        }),
  };
}

function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: "there is no request of this id",
    remedy: "See GET /v1/approvals.",
  });
}

function view(approval: Approval): object {
  const { act, sender, reason, decidedBy, decidedAt, recipients } = approval;
  return {
    id: approval.id,
    kind: act.kind,
    state: approval.state,
    sender: sender ?? null,
    askedBy: approval.askedBy,
    askedAt: approval.askedAt,
    expiresAt: approval.expiresAt,
    reason: reason ?? null,
    decidedBy: decidedBy ?? null,
    decidedAt: decidedAt ?? null,
    ...(recipients === undefined ? {} : { recipients }),
    act: shownAct(act),
  };
}
