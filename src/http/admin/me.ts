// /v1/me: the caller's own account: who they are, their password, second factor, sessions.
import Type from "typebox";

import type { Door } from "../../identity/login.ts";
import { verifyPassword } from "../../identity/password-hash.ts";
import { passwordProblems } from "../../identity/password-rules.ts";
import { withPassword } from "../../identity/person.ts";
import { csrfToken } from "../../identity/session.ts";
import { hasSecondFactor } from "../../identity/user.ts";
import type { App } from "../app.ts";
import { ownAccount } from "../authorise.ts";
import { showState } from "../entity-tag.ts";
import { actOf, closed, orNull } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse } from "../problem.ts";
import { proveOrBusy, waiting } from "../public/session.ts";
import { userState } from "../resource-state.ts";
import { clearSessionCookie, sessionSecret, setSessionCookie } from "../session-caller.ts";
import { noPassword, noPerson, ownUser, saveOwn } from "./own-user.ts";

const secretText = Type.String({ minLength: 1, maxLength: 1024 });
const done = { 200: Type.Object({ done: Type.Boolean() }) };

const meSchema = Type.Object({
  actor: Type.String(),
  email: orNull("Null for a token."),
  roles: Type.Array(Type.String()),
  scopes: Type.Array(Type.String()),
  senders: Type.Array(Type.String(), { description: "Limited to these; empty: all." }),
  masked: Type.Boolean(),
  secondFactor: Type.Boolean(),
  recoveryCodesLeft: Type.Integer(),
  due: orNull("What must be done before anything else."),
  csrfToken: orNull("To be sent as X-CSRF-Token; null for a token."),
  banner: Type.String(),
});

export function meRoutes(app: App, parts: HttpParts, door: Door): void {
  app.get(
    "/me",
    {
      config: ownAccount("read"),
      schema: { summary: "Who the caller is, and may do", response: { 200: meSchema } },
    },
    async (request) => {
      const { caller } = request;
      const user = await ownUser(parts, request);
      const secret = caller?.session === undefined ? undefined : sessionSecret(request);
      if (user !== undefined) showState(request, userState(user));
      return {
        actor: caller?.actor ?? "",
        email: user?.email ?? null,
        roles: user?.roles ?? [],
        scopes: caller?.scopes ?? [],
        senders: caller?.senders ?? [],
        masked: caller?.masked === true,
        secondFactor: user !== undefined && hasSecondFactor(user),
        recoveryCodesLeft: user?.recovery.length ?? 0,
        due: caller?.session?.due ?? null,
        csrfToken: secret === undefined ? null : csrfToken(secret),
        banner: parts.people.banner,
      };
    },
  );
  app.delete(
    "/session",
    {
      config: ownAccount("write"),
      schema: { summary: "Log out", response: done },
    },
    async (request, reply) => {
      const { session } = request.caller ?? {};
      if (session === undefined) return noPerson(request, reply);
      await parts.sessions.end(session.hash, actOf(request, parts.clock()));
      clearSessionCookie(reply);
      return { done: true };
    },
  );
  proofRoute(app, parts, door);
  passwordRoute(app, parts, door);
}

function proofRoute(app: App, parts: HttpParts, door: Door): void {
  app.post(
    "/me/proof",
    {
      config: ownAccount("write"),
      schema: {
        summary: "Prove again who you are, for what asks for a fresh proof",
        body: Type.Object(
          { password: secretText, code: Type.Optional(Type.String({ maxLength: 64 })) },
          closed,
        ),
        response: done,
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user === undefined) return noPerson(request, reply);
      if (user.password === undefined) return noPassword(request, reply);
      const { password, code } = request.body;
      const result = await proveOrBusy(door, {
        emailIndex: user.emailIndex,
        password,
        remote: request.ip,
        ...(code === undefined ? {} : { code }),
      });
      if (result.kind === "wait") return waiting(request, reply, result.seconds);
      if (result.kind !== "proved")
        return refuse(request, reply, "forbidden", {
          detail: "this is not the proof that is needed",
          more: { codeNeeded: result.kind === "code-needed" },
        });
      const now = parts.clock();
      await parts.sessions.proved(request.caller?.session?.hash ?? "", now, actOf(request, now));
      return { done: true };
    },
  );
}

function passwordRoute(app: App, parts: HttpParts, door: Door): void {
  app.post(
    "/me/password",
    {
      config: ownAccount("write", { conditional: true }),
      schema: {
        summary: "Change the own password; every session ends, and this one begins anew",
        body: Type.Object({ current: secretText, password: secretText }, closed),
        response: { 200: Type.Object({ done: Type.Boolean(), csrfToken: Type.String() }) },
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user === undefined) return noPerson(request, reply);
      if (user.password === undefined) return noPassword(request, reply);
      const { current, password } = request.body;
      const { emailIndex } = user;
      const proof = await proveOrBusy(door, { emailIndex, password: current, remote: request.ip });
      if (proof.kind === "wait") return waiting(request, reply, proof.seconds);
      if (proof.kind === "refused")
        return refuse(request, reply, "forbidden", { detail: "the current password is not right" });
      const problems = await passwordProblems(
        password,
        { email: user.email, words: organisationWords(parts) },
        parts.people.password,
        parts.breached,
      );
      const same = await verifyPassword(user.password.hash, password);
      if (problems.length > 0 || same)
        return refuse(request, reply, "unprocessable", {
          detail: "this password is not good enough",
          errors: [
            ...problems.map(({ en, ja }) => ({ field: "password", problem: `${en} (${ja})` })),
            ...(same
              ? [{ field: "password", problem: "is the present one (現在と同じです)" }]
              : []),
          ],
        });
      const now = parts.clock();
      const changed = await withPassword(user, password, now);
      const about = { user: changed, change: "password", was: user } as const;
      if (!(await saveOwn(parts, request, reply, about))) return reply;
      const { secret } = await door.begin(changed, "password-change", request.ip);
      setSessionCookie(reply, secret);
      return { done: true, csrfToken: csrfToken(secret) };
    },
  );
}

/** Names of the senders: in nobody's password. */
function organisationWords(parts: HttpParts): readonly string[] {
  return parts.senders.flatMap((sender) => [sender.id, ...sender.legal.names]);
}
