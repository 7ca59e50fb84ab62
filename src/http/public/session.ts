// POST /v1/session: logging in with name and password. The only route under /v1 that asks for no token.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import type { Door } from "../../identity/login.ts";
import { PasswordsBusy } from "../../identity/password-hash.ts";
import { csrfToken } from "../../identity/session.ts";
import { parseAddress } from "../../mail/address.ts";
import type { App } from "../app.ts";
import { closed, orNull, time } from "../fields.ts";
import type { HttpParts, HttpSettings } from "../parts.ts";
import { problemAnswer, refuse } from "../problem.ts";
import { crossOrigin, dueStep, setSessionCookie } from "../session-caller.ts";

export const begunSchema = Type.Object({
  user: Type.String(),
  csrfToken: Type.String({ description: "To be sent as X-CSRF-Token with each change." }),
  due: orNull("What must be done before anything else: change-password or enrol-totp."),
  banner: Type.String({ description: "To be shown: that operations are recorded." }),
  elsewhere: Type.Array(Type.Object({ from: Type.String(), since: time("Since when.") }), {
    description: "To be shown where there are any: the account is in use in other networks too.",
  }),
});

export function sessionRoutes(
  app: App,
  parts: HttpParts,
  settings: HttpSettings,
  door: Door,
): void {
  app.get(
    "/v1/session",
    {
      schema: {
        summary: "How one can log in, and what is to be shown to whoever does",
        tags: ["login"],
        response: {
          200: Type.Object({
            banner: Type.String(),
            singleSignOn: orNull("Where single sign-on begins; null: there is none."),
          }),
        },
      },
    },
    () =>
      Promise.resolve({
        banner: parts.people.banner,
        singleSignOn: parts.people.oidc === undefined ? null : "/v1/session/oidc",
      }),
  );
  loginRoute(app, parts, settings, door);
}

function loginRoute(app: App, parts: HttpParts, settings: HttpSettings, door: Door): void {
  app.post(
    "/v1/session",
    {
      schema: {
        summary: "Log in; the answer sets the session's cookie",
        description:
          "401 with codeNeeded where name and password are right and a code of the authenticator is wanted.",
        tags: ["login"],
        body: Type.Object(
          {
            email: Type.String({ minLength: 1, maxLength: 320 }),
            password: Type.String({ minLength: 1, maxLength: 1024 }),
            code: Type.Optional(
              Type.String({
                maxLength: 64,
                description: "Of the authenticator, or a recovery code.",
              }),
            ),
          },
          closed,
        ),
        response: {
          200: begunSchema,
          "4xx": problemAnswer,
          "5xx": problemAnswer,
        },
      },
    },
    async (request, reply) => {
      if (crossOrigin(request, settings.publicUrl))
        return refuse(request, reply, "forbidden", {
          detail: "a page of another site may not log anybody in",
        });
      const { email, password, code } = request.body;
      // What is no address is nobody's: it goes the same way, at the same cost.
      const address = parseAddress(email.trim());
      const emailIndex =
        address.kind === "ok" ? parts.indexer.address(address.value) : "0".repeat(32);
      const result = await proveOrBusy(door, {
        emailIndex,
        password,
        remote: request.ip,
        ...(code === undefined ? {} : { code }),
      });
      switch (result.kind) {
        case "wait":
          return waiting(request, reply, result.seconds);
        case "refused":
          return refuse(request, reply, "unauthenticated", {
            detail: "this name with this password and code is not known",
            remedy: "Try again, or ask an administrator: sekisho user reset.",
          });
        case "code-needed":
          return refuse(request, reply, "unauthenticated", {
            detail: "a code of the authenticator is needed too",
            remedy: "Send it as code, or a recovery code.",
            more: { codeNeeded: true },
          });
        case "proved":
          return begin(parts, door, request, reply, result);
      }
    },
  );
}

async function begin(
  parts: HttpParts,
  door: Door,
  request: FastifyRequest,
  reply: FastifyReply,
  { user, method }: Extract<Proved, { kind: "proved" }>,
): Promise<object> {
  const { secret, elsewhere } = await door.begin(user, method, request.ip);
  setSessionCookie(reply, secret);
  if (elsewhere.length > 0)
    request.log.warn({ user: user.id, requestId: request.id }, "logged in from two places at once");
  return {
    user: user.id,
    csrfToken: csrfToken(secret),
    due: dueStep(user, parts, parts.clock()) ?? null,
    banner: parts.people.banner,
    elsewhere: elsewhere.map(({ remote, createdAt }) => ({ from: remote, since: createdAt })),
  };
}

type Proved = Awaited<ReturnType<Door["prove"]>>;

/** Too many logins at once are a reason to wait, like any other. */
export async function proveOrBusy(
  door: Door,
  proof: Parameters<Door["prove"]>[0],
): Promise<Proved> {
  try {
    return await door.prove(proof);
  } catch (error) {
    if (error instanceof PasswordsBusy) return { kind: "wait", seconds: 5 };
    throw error;
  }
}

export function waiting(
  request: FastifyRequest,
  reply: FastifyReply,
  seconds: number,
): FastifyReply {
  void reply.header("retry-after", String(seconds));
  return refuse(request, reply, "too-many-requests", {
    detail: "too many attempts",
    remedy: `Try again in ${seconds} seconds.`,
  });
}
