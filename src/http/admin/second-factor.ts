// /v1/me/totp and /v1/me/recovery-codes: the caller's own second factor.
import Type from "typebox";

import { createRecoveryCodes } from "../../identity/recovery-code.ts";
import { createTotpSecret, totpStep, totpUri } from "../../identity/totp.ts";
import { hasSecondFactor } from "../../identity/user.ts";
import type { App } from "../app.ts";
import { ownAccount } from "../authorise.ts";
import { refuseStale } from "../entity-tag.ts";
import { closed } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse } from "../problem.ts";
import { userState } from "../resource-state.ts";
import { clearSessionCookie } from "../session-caller.ts";
import { noPassword, noPerson, ownUser, saveOwn } from "./own-user.ts";

const codeText = Type.String({ minLength: 6, maxLength: 64 });
const done = { 200: Type.Object({ done: Type.Boolean() }) };

export function secondFactorRoutes(app: App, parts: HttpParts): void {
  app.post(
    "/me/totp",
    {
      config: ownAccount("write", { stepUp: true, conditional: true }),
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
      if (user.password === undefined) return noPassword(request, reply); // No code would ever be asked for.
      if (hasSecondFactor(user))
        return refuse(request, reply, "conflict", {
          detail: "there is an authenticator already",
          remedy: "Take it away first: DELETE /v1/me/totp. That ends every session.",
        });
      const secret = createTotpSecret();
      const changed = { ...user, totp: { secret, confirmed: false } };
      if (
        !(await saveOwn(parts, request, reply, { user: changed, change: "totp-enrol", was: user }))
      )
        return reply;
      return { secret, uri: totpUri(secret, user.email, "Sekisho") };
    },
  );
  confirmRoute(app, parts);
  removeRoute(app, parts);
  recoveryRoute(app, parts);
}

function confirmRoute(app: App, parts: HttpParts): void {
  app.post(
    "/me/totp/confirm",
    {
      config: ownAccount("write", { conditional: true }),
      schema: {
        summary: "Show that the authenticator works; gives the recovery codes",
        body: Type.Object({ code: codeText }, closed),
        response: { 200: Type.Object({ recoveryCodes: Type.Array(Type.String()) }) },
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user?.totp === undefined || user.totp.confirmed) return noPerson(request, reply);
      // Before the code is spent: "nothing was done" holds for it too.
      if (refuseStale(request, reply, userState(user)) !== undefined) return reply;
      const now = parts.clock();
      const step = totpStep(user.totp.secret, request.body.code, now);
      if (step === undefined || !(await parts.users.spendStep(user.id, step)))
        return refuse(request, reply, "unprocessable", {
          detail: "the code is not right, or was used already",
          errors: [{ field: "code", problem: "is not what the authenticator shows now" }],
          remedy:
            "Send the next code; if that fails too, set the clock of the telephone and of the gateway.",
        });
      const { codes, hashes } = createRecoveryCodes();
      const totp = { ...user.totp, confirmed: true };
      const changed = { ...user, totp, recovery: hashes };
      const about = { user: changed, change: "totp-confirm", was: user } as const;
      if (!(await saveOwn(parts, request, reply, about))) return reply;
      return { recoveryCodes: codes };
    },
  );
}

function removeRoute(app: App, parts: HttpParts): void {
  app.delete(
    "/me/totp",
    {
      config: ownAccount("write", { stepUp: true, conditional: true }),
      schema: {
        summary: "Take the authenticator away; every session ends",
        response: done,
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user === undefined) return noPerson(request, reply);
      const { totp: _totp, ...rest } = user;
      const changed = { ...rest, recovery: [] };
      if (
        !(await saveOwn(parts, request, reply, { user: changed, change: "totp-remove", was: user }))
      )
        return reply;
      clearSessionCookie(reply);
      return { done: true };
    },
  );
}

function recoveryRoute(app: App, parts: HttpParts): void {
  app.post(
    "/me/recovery-codes",
    {
      config: ownAccount("write", { stepUp: true, conditional: true }),
      schema: {
        summary: "New recovery codes; the old ones are good no longer",
        response: { 200: Type.Object({ recoveryCodes: Type.Array(Type.String()) }) },
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user === undefined || !hasSecondFactor(user)) return noPerson(request, reply);
      const { codes, hashes } = createRecoveryCodes();
      const changed = { ...user, recovery: hashes };
      const about = { user: changed, change: "recovery-codes", was: user } as const;
      if (!(await saveOwn(parts, request, reply, about))) return reply;
      return { recoveryCodes: codes };
    },
  );
}
