// /v1/keys: DKIM keys, their records to paste, and their life. Private halves never leave the key store.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import { changeKey, keyChanges } from "../../dkim/change.ts";
import { generateKey } from "../../dkim/generate.ts";
import type { KeyInfo } from "../../dkim/key.ts";
import { rsaBitsMax, rsaBitsMin } from "../../dkim/record.ts";
import { nextSelector } from "../../dkim/selector.ts";
import { beginRotation } from "../../dkim/turn.ts";
import { parseDomain } from "../../mail/domain.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { overtaken, refuseStale, showState } from "../entity-tag.ts";
import { actOf, choice, closed, pageOf, reasonBody, text } from "../fields.ts";
import type { HttpParts, HttpSettings } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { keyState } from "../resource-state.ts";
import { keyImportRoute } from "./key-import.ts";
import { domainText, keySchema, keysPerDomainMax, tooMany, viewKey } from "./key-view.ts";
import { partOf, wholeListQuery } from "../whole-list.ts";

export function keyRoutes(app: App, parts: HttpParts, settings: HttpSettings): void {
  app.get(
    "/keys",
    {
      config: needs("keys", "read"),
      schema: {
        summary: "List keys",
        querystring: wholeListQuery,
        response: { 200: pageOf(keySchema) },
      },
    },
    async ({ query }) => {
      const page = partOf(await parts.keys.list(), query, (key) => `${key.domain} ${key.selector}`);
      return { ...page, items: page.items.map(viewKey) };
    },
  );
  showRoute(app, parts);
  createRoute(app, parts);
  rotateRoute(app, parts, settings);
  keyImportRoute(app, parts);
  changeRoutes(app, parts, settings);
}

const keyParams = Type.Object({
  domain: domainText,
  selector: Type.String({ minLength: 1, maxLength: 63 }),
});

async function findKey(
  parts: HttpParts,
  { domain, selector }: { readonly domain: string; readonly selector: string },
): Promise<KeyInfo | undefined> {
  const keys = await parts.keys.list();
  return keys.find((key) => key.domain === domain && key.selector === selector);
}

function showRoute(app: App, parts: HttpParts): void {
  app.get(
    "/keys/:domain/:selector",
    {
      config: needs("keys", "read"),
      schema: { summary: "One key", params: keyParams, response: { 200: keySchema } },
    },
    async (request, reply) => {
      const key = await findKey(parts, request.params);
      if (key === undefined) return unknown(request, reply, request.params);
      showState(request, keyState(key));
      return viewKey(key);
    },
  );
}

function changeRoutes(app: App, parts: HttpParts, settings: HttpSettings): void {
  for (const change of keyChanges) {
    app.post(
      `/keys/:domain/:selector/${change}`,
      {
        config: needs("keys", "write", { stepUp: true, conditional: true }),
        schema: {
          summary: summaries[change],
          params: keyParams,
          body: reasonBody,
          response: { 200: keySchema },
        },
      },
      async (request, reply) => {
        const domain = parseDomain(request.params.domain);
        if (domain.kind === "bad") return refuseField(request, reply, "domain", domain.problem);
        const { reason } = request.body;
        const known = await findKey(parts, { ...request.params, domain: domain.value });
        const refusal = known && refuseStale(request, reply, keyState(known));
        if (refusal !== undefined) return refusal;
        const result = await changeKey(
          { ...parts, requirePublished: settings.requirePublished },
          { domain: domain.value, selector: request.params.selector },
          change,
          actOf(request, parts.clock(), reason),
          request.headers["if-match"] === undefined ? undefined : known,
        );
        switch (result.kind) {
          case "unknown":
            return unknown(request, reply, request.params);
          case "refused":
            if (result.overtaken === true) return overtaken(request, reply);
            return refuse(request, reply, "conflict", {
              detail: result.problem,
              more: { key: viewKey(result.key) },
            });
          case "done":
            return {
              ...viewKey(result.key),
              ...(result.warning === undefined ? {} : { warning: result.warning }),
            };
        }
      },
    );
  }
}

function unknown(
  request: FastifyRequest,
  reply: FastifyReply,
  { domain, selector }: { readonly domain: string; readonly selector: string },
): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: `no key with selector ${selector} for ${domain}`,
    remedy: "See which there are: GET /v1/keys.",
  });
}

const summaries = {
  publish: "Note that a key's record was seen in DNS",
  activate: "Let a key sign; its record must be in DNS",
  retire: "Stop a key from signing; a second time: its record may go",
} as const;

function createRoute(app: App, parts: HttpParts): void {
  app.post(
    "/keys",
    {
      config: needs("keys", "write", { stepUp: true }),
      schema: {
        summary: "Make a key pair; it signs once it is active",
        body: Type.Object(
          {
            domain: domainText,
            algorithm: Type.Optional(choice(["rsa", "ed25519"] as const, "Default: rsa.")),
            bits: Type.Optional(
              Type.Integer({
                minimum: rsaBitsMin,
                maximum: rsaBitsMax,
                description: "Of RSA; default 2048.",
              }),
            ),
          },
          closed,
        ),
        response: { 201: keySchema },
      },
    },
    async (request, reply) => {
      const { algorithm = "rsa", bits = rsaBitsMin } = request.body;
      const domain = parseDomain(request.body.domain);
      if (domain.kind === "bad") return refuseField(request, reply, "domain", domain.problem);
      if (!parts.senders.some((sender) => sender.domains.includes(domain.value)))
        return refuseField(
          request,
          reply,
          "domain",
          "is a domain of no sender (senders[].domains)",
        );
      const own = (await parts.keys.list()).filter((key) => key.domain === domain.value);
      if (own.length >= keysPerDomainMax) return refuse(request, reply, "conflict", tooMany(own));
      const now = parts.clock();
      const privateKey = await generateKey(
        algorithm === "rsa" ? { algorithm, bits } : { algorithm },
      );
      const selector = nextSelector(
        algorithm,
        own.map((key) => key.selector),
        now,
      );
      const key = await parts.keys.add(
        { domain: domain.value, selector, privateKey },
        actOf(request, now),
      );
      return reply.code(201).send(viewKey(key));
    },
  );
}

function rotateRoute(app: App, parts: HttpParts, settings: HttpSettings): void {
  app.post(
    "/keys/:domain/rotate",
    {
      config: needs("keys", "write", { stepUp: true }),
      schema: {
        summary: "Make the successor of a domain's key; it takes over once its record is seen",
        params: Type.Object({ domain: domainText }),
        body: Type.Object(
          {
            algorithm: Type.Optional(choice(["rsa", "ed25519"] as const, "Default: rsa.")),
            reason: Type.Optional(text("Why, for the audit log.")),
          },
          closed,
        ),
        response: { 200: keySchema },
      },
    },
    async (request, reply) => {
      const domain = parseDomain(request.params.domain);
      if (domain.kind === "bad") return refuseField(request, reply, "domain", domain.problem);
      const { algorithm = "rsa", reason } = request.body;
      const own = (await parts.keys.list()).filter((key) => key.domain === domain.value);
      if (own.length === 0)
        return refuse(request, reply, "not-found", {
          detail: `${domain.value} has no key`,
          remedy: "Make its first one: POST /v1/keys.",
        });
      if (own.length >= keysPerDomainMax) return refuse(request, reply, "conflict", tooMany(own));
      const key = await beginRotation(
        { keys: parts.keys, requirePublished: settings.requirePublished },
        { domain: domain.value, algorithm },
        actOf(request, parts.clock(), reason),
      );
      return viewKey(key);
    },
  );
}
