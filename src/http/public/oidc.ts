// /v1/session/oidc: single sign-on. The browser goes to the provider and comes back with a code.
import { randomBytes } from "node:crypto";

import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import { loginEvent } from "../../audit/from-people.ts";
import type { Door } from "../../identity/login.ts";
import { createOidc, type Oidc, type OidcErrand } from "../../identity/oidc.ts";
import type { OidcSettings } from "../../identity/people-settings.ts";
import { userActor } from "../../identity/user.ts";
import { networkOf } from "../../mail/party.ts";
import type { App } from "../app.ts";
import { createGuardedFetch } from "../guarded-fetch.ts";
import { ownPath } from "../own-path.ts";
import type { HttpParts, HttpSettings } from "../parts.ts";
import { problemAnswer, refuse } from "../problem.ts";
import { cookie, setSessionCookie } from "../session-caller.ts";
import { admit } from "./oidc-person.ts";

const errandCookie = "__Host-sekisho-oidc";
const errandMs = 10 * 60_000;
const errandsMax = 1000; // logins under way; the oldest go first
const errandsOfNetworkMax = 100; // of a /24 or /64: whoever begins without end pushes out their own, and nobody else's

const sentOn = {
  302: Type.Null({ description: "Sends the browser on." }),
  "4xx": problemAnswer,
  "5xx": problemAnswer,
};

interface Errand extends OidcErrand {
  readonly at: number;
  readonly network: string;
  readonly next: string;
}

export function oidcRoutes(app: App, parts: HttpParts, settings: HttpSettings, door: Door): void {
  const path = "/v1/session/oidc";
  const ready = once(() => connect(parts, settings.publicUrl, `${path}/callback`));
  const errands = new Map<string, Errand>();
  app.get(
    path,
    {
      schema: {
        summary: "Begin single sign-on: sends the browser to the provider",
        tags: ["login"],
        querystring: Type.Object({
          next: Type.Optional(
            Type.String({ maxLength: 2048, description: "Own path to go to afterwards." }),
          ),
        }),
        response: sentOn,
      },
    },
    async (request, reply) => {
      const provider = ready();
      if (provider === undefined) return notConfigured(request, reply);
      const begun = await provider.oidc.begin().catch((cause: unknown) => {
        request.log.error({ err: cause, requestId: request.id }, "single sign-on not reached");
        return undefined;
      });
      if (begun === undefined)
        return refuse(request, reply, "unavailable", {
          detail: "the single sign-on provider cannot be reached",
          remedy: "Try again later; the operator's log names the cause.",
        });
      const { url, errand } = begun;
      const id = randomBytes(16).toString("base64url");
      keep(errands, id, {
        ...errand,
        at: parts.clock().getTime(),
        network: networkOf(request.ip),
        next: ownPath(request.query.next),
      });
      const attributes = `Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${errandMs / 1000}`;
      return reply.header("set-cookie", `${errandCookie}=${id}; ${attributes}`).redirect(url);
    },
  );
  callbackRoute(app, parts, { path, door, ready, errands });
}

function keep(errands: Map<string, Errand>, id: string, errand: Errand): void {
  errands.set(id, errand);
  const beside = [...errands].flatMap(([each, { network }]) =>
    network === errand.network ? [each] : [],
  );
  for (const oldest of beside.slice(0, -errandsOfNetworkMax)) errands.delete(oldest);
  for (const oldest of [...errands.keys()].slice(0, -errandsMax)) errands.delete(oldest);
}

function callbackRoute(
  app: App,
  parts: HttpParts,
  about: {
    readonly path: string;
    readonly door: Door;
    readonly ready: () => Provider | undefined;
    readonly errands: Map<string, Errand>;
  },
): void {
  const { path, door, ready, errands } = about;
  app.get(
    `${path}/callback`,
    {
      schema: {
        summary: "Where the provider sends the browser back to",
        tags: ["login"],
        response: sentOn,
      },
    },
    async (request, reply) => {
      const provider = ready();
      if (provider === undefined) return notConfigured(request, reply);
      const id = cookie(request, errandCookie, /^[A-Za-z0-9_-]{22}$/) ?? "";
      const errand = errands.get(id);
      errands.delete(id); // Once, whatever comes of it.
      if (errand === undefined || parts.clock().getTime() - errand.at > errandMs)
        return notLetIn(request, reply, {
          why: "no login is under way in this browser, or it took more than ten minutes",
        });
      const back = new URL(request.url, provider.publicUrl);
      const person = await provider.oidc
        .finish(back, errand)
        .catch((cause: unknown) => ({ cause }));
      if ("cause" in person)
        return notLetIn(request, reply, {
          why: "the provider's answer does not hold",
          err: person.cause,
        });
      const admitted = await admit(parts, provider.settings, person, request.ip);
      if (admitted.kind === "not-let-in") {
        const { why, user } = admitted;
        const actor = user === undefined ? "nobody" : userActor(user);
        const act = { actor, at: parts.clock(), from: request.ip };
        const more = { method: "single-sign-on", ...(user === undefined ? {} : { user }) };
        await parts.audit.append([loginEvent("refused", act, more)]);
        return notLetIn(request, reply, {
          why,
          user,
          subject: person.subject,
        });
      }
      const { secret } = await door.begin(
        admitted.user,
        "single-sign-on",
        request.ip,
        person.provedAt,
      );
      setSessionCookie(reply, secret);
      return reply.redirect(errand.next);
    },
  );
}

interface Provider {
  readonly oidc: Oidc;
  readonly settings: OidcSettings;
  readonly publicUrl: string;
}

/** undefined: the configuration names no provider, or no URL of our own to come back to. */
function connect(
  parts: HttpParts,
  publicUrl: string | undefined,
  path: string,
): Provider | undefined {
  const settings = parts.people.oidc;
  if (settings === undefined || publicUrl === undefined) return undefined;
  const oidc = createOidc({
    settings,
    redirectUri: `${publicUrl}${path}`,
    fetch: createGuardedFetch(settings.allowPrivate),
    clock: parts.clock,
  });
  return { oidc, settings, publicUrl };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function notConfigured(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: "this gateway has no single sign-on",
    remedy: "Set people.oidc and http.public_url in the configuration.",
  });
}

/** One answer for every reason: the log has which it was. */
function notLetIn(
  request: FastifyRequest,
  reply: FastifyReply,
  about: { readonly why: string; readonly [more: string]: unknown },
): FastifyReply {
  request.log.warn({ ...about, requestId: request.id }, "single sign-on refused");
  return refuse(request, reply, "unauthenticated", {
    detail: "single sign-on did not let you in",
    remedy:
      "Begin anew. If that fails too, ask an administrator: the log has why, by the requestId.",
  });
}
