// /v1/me/sessions: where the caller is logged in, and ending all of it but here.
import Type from "typebox";

import { isAlive, type Session } from "../../identity/session.ts";
import type { App } from "../app.ts";
import { ownAccount } from "../authorise.ts";
import { actOf, pageOf, time } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { noPerson, ownUser } from "./own-user.ts";

const sessionSchema = Type.Object({
  from: Type.String({ description: "Network address of the login." }),
  since: time("Of the login."),
  lastSeenAt: time("About when it was last active."),
  current: Type.Boolean({ description: "The one that asks." }),
});

export function ownSessionRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/me/sessions",
    {
      config: ownAccount("read"),
      schema: {
        summary: "Where the caller is logged in",
        response: { 200: pageOf(sessionSchema) },
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user === undefined) return noPerson(request, reply);
      const sessions = await alive(parts, user.id);
      const current = request.caller?.session?.hash;
      return {
        items: sessions.map(({ hash, remote, createdAt, lastSeenAt }) => ({
          from: remote,
          since: createdAt,
          lastSeenAt,
          current: hash === current,
        })),
        next: null,
      };
    },
  );
  app.delete(
    "/me/sessions",
    {
      config: ownAccount("write"),
      schema: {
        summary: "End every session of the caller but this one",
        response: { 200: Type.Object({ ended: Type.Integer() }) },
      },
    },
    async (request, reply) => {
      const user = await ownUser(parts, request);
      if (user === undefined) return noPerson(request, reply);
      const others = (await alive(parts, user.id)).filter(
        ({ hash }) => hash !== request.caller?.session?.hash,
      );
      const act = actOf(request, parts.clock());
      for (const { hash } of others) await parts.sessions.end(hash, act);
      return { ended: others.length };
    },
  );
}

/** At most as many as one person may have. */
async function alive(parts: HttpParts, user: string): Promise<readonly Session[]> {
  const now = parts.clock();
  const sessions = await parts.sessions.ofUser(user);
  return sessions.filter((session) => isAlive(session, parts.people.session, now));
}
