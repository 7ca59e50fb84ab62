// The routes under /v1, one file a noun.
import type { Door } from "../../identity/login.ts";
import type { App } from "../app.ts";
import type { HttpParts, HttpSettings } from "../parts.ts";
import { consentRequestRoutes } from "./consent-requests.ts";
import { consentRoutes } from "./consents.ts";
import { credentialRoutes } from "./credentials.ts";
import { deputyRoutes } from "./deputies.ts";
import { dnsRoutes } from "./dns.ts";
import { eventRoutes } from "./events.ts";
import { explainRoutes } from "./explain.ts";
import { approvalRoutes } from "./approvals.ts";
import { exportRoutes } from "./exports.ts";
import { freezeRoutes } from "./freezes.ts";
import { heldRoutes } from "./held.ts";
import { keyRoutes } from "./keys.ts";
import { meRoutes } from "./me.ts";
import { ownSessionRoutes } from "./own-sessions.ts";
import { secondFactorRoutes } from "./second-factor.ts";
import { pauseRoutes } from "./pauses.ts";
import { queueRoutes } from "./queue.ts";
import { streamRoutes } from "./streams.ts";
import { suppressionRoutes } from "./suppressions.ts";
import { tokenRoutes } from "./tokens.ts";
import { userRoutes } from "./users.ts";

export function adminRoutes(app: App, parts: HttpParts, settings: HttpSettings, door: Door): void {
  meRoutes(app, parts, door);
  secondFactorRoutes(app, parts);
  ownSessionRoutes(app, parts);
  userRoutes(app, parts);
  deputyRoutes(app, parts);
  suppressionRoutes(app, parts);
  consentRoutes(app, parts);
  consentRequestRoutes(app, parts);
  keyRoutes(app, parts, settings);
  dnsRoutes(app, parts, settings);
  eventRoutes(app, parts);
  approvalRoutes(app, parts);
  exportRoutes(app, parts);
  freezeRoutes(app, parts);
  pauseRoutes(app, parts);
  heldRoutes(app, parts);
  queueRoutes(app, parts);
  credentialRoutes(app, parts);
  streamRoutes(app, parts);
  tokenRoutes(app, parts);
  // In a scope of its own: it takes a message as body, and nothing else.
  void app.register((scoped, _options, done) => {
    explainRoutes(scoped, parts, settings);
    done();
  });
}
