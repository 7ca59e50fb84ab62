// /v1/me: the caller's own account: who they are, their password, second factor, sessions.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import type { Door } from "../../identity/login.ts";
import { verifyPassword } from "../../identity/password-hash.ts";
import { passwordProblems } from "../../identity/password-rules.ts";
import { withPassword } from "../../identity/person.ts";
import { createRecoveryCodes } from "../../identity/recovery-code.ts";
import { csrfToken } from "../../identity/session.ts";
import { createTotpSecret, totpStep, totpUri } from "../../identity/totp.ts";
import { hasSecondFactor, type User } from "../../identity/user.ts";
import type { App } from "../app.ts";
import { ownAccount } from "../authorise.ts";
import { actOf, closed, orNull } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse } from "../problem.ts";
import { proveOrBusy, waiting } from "../public/session.ts";
import { clearSessionCookie, sessionSecret, setSessionCookie } from "../session-caller.ts";

const secretText = Type.String({ minLength: 1, maxLength: 1024 });
const codeText = Type.String({ minLength: 6, maxLength: 64 });
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
  totpRoutes(app, parts);
  recoveryRoute(app, parts);
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
      config: ownAccount("write"),
      schema: {
        summary: "Change the own password; every session ends, and this one begins anew",
        body: Type.Object({ current: secretText, password: secretText }, closed),
        response: { 200: Type.Object({ done: Type.Boolean(), csrfToken: Type.String() }) },
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user?.password === undefined) return noPerson(request, reply);
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
      await parts.users.save(changed, "password", actOf(request, now));
      const secret = await door.begin(changed, "password-change", request.ip);
      setSessionCookie(reply, secret);
      return { done: true, csrfToken: csrfToken(secret) };
    },
  );
}

function totpRoutes(app: App, parts: HttpParts): void {
  app.post(
    "/me/totp",
    {
      config: ownAccount("write", { stepUp: true }),
      schema: {
        summary: "Begin with an authenticator; it counts once a code of it was right",
        response: {
          200: Type.Object({
            secret: Type.String({ description: "Base32; shown this once." }),
            uri: Type.String({ description: "otpauth:// for a QR code." }),
          }),
        },
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user === undefined) return noPerson(request, reply);
      if (hasSecondFactor(user))
        return refuse(request, reply, "conflict", {
          detail: "there is an authenticator already",
          remedy: "DELETE /v1/me/totp with a code of it first.",
        });
      const secret = createTotpSecret();
      const changed = { ...user, totp: { secret, confirmed: false } };
      await parts.users.save(changed, "totp-enrol", actOf(request, parts.clock()));
      return { secret, uri: totpUri(secret, user.email, "Sekisho") };
    },
  );
  confirmRoute(app, parts);
  removeRoute(app, parts);
}

function confirmRoute(app: App, parts: HttpParts): void {
  app.post(
    "/me/totp/confirm",
    {
      config: ownAccount("write"),
      schema: {
        summary: "Show that the authenticator works; gives the recovery codes",
        body: Type.Object({ code: codeText }, closed),
        response: { 200: Type.Object({ recoveryCodes: Type.Array(Type.String()) }) },
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user?.totp === undefined || user.totp.confirmed) return noPerson(request, reply);
      const now = parts.clock();
      const step = totpStep(user.totp.secret, request.body.code, now);
      if (step === undefined || !(await parts.users.spendStep(user.id, step)))
        return refuse(request, reply, "unprocessable", { detail: "the code is not right" });
      const { codes, hashes } = createRecoveryCodes();
      const totp = { ...user.totp, confirmed: true };
      await parts.users.save(
        { ...user, totp, recovery: hashes },
        "totp-confirm",
        actOf(request, now),
      );
      return { recoveryCodes: codes };
    },
  );
}

function removeRoute(app: App, parts: HttpParts): void {
  app.delete(
    "/me/totp",
    {
      config: ownAccount("write", { stepUp: true }),
      schema: {
        summary: "Take the authenticator away; every session ends",
        response: done,
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user === undefined) return noPerson(request, reply);
      const { totp: _totp, ...rest } = user;
      await parts.users.save(
        { ...rest, recovery: [] },
        "totp-remove",
        actOf(request, parts.clock()),
      );
      clearSessionCookie(reply);
      return { done: true };
    },
  );
}

function recoveryRoute(app: App, parts: HttpParts): void {
  app.post(
    "/me/recovery-codes",
    {
      config: ownAccount("write", { stepUp: true }),
      schema: {
        summary: "New recovery codes; the old ones are good no longer",
        response: { 200: Type.Object({ recoveryCodes: Type.Array(Type.String()) }) },
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user === undefined || !hasSecondFactor(user)) return noPerson(request, reply);
      const { codes, hashes } = createRecoveryCodes();
      await parts.users.save(
        { ...user, recovery: hashes },
        "recovery-codes",
        actOf(request, parts.clock()),
      );
      return { recoveryCodes: codes };
    },
  );
}

/** Names of the senders: in nobody's password. */
function organisationWords(parts: HttpParts): readonly string[] {
  return parts.senders.flatMap((sender) => [sender.id, ...sender.legal.names]);
}

async function ownUser(parts: HttpParts, request: FastifyRequest): Promise<User | undefined> {
  const { session } = request.caller ?? {};
  return session === undefined ? undefined : parts.users.find(session.user);
}

function noPerson(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "conflict", {
    detail: "this is for a person who is logged in, and in the state that it needs",
    remedy: "See GET /v1/me.",
  });
}
