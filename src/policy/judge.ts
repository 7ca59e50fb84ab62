// Runs every rule of a stream's packs over a message's view. Pure.
import type { Basis } from "../consent/event.ts";
import type { MessageView } from "../content/view.ts";
import type { Finding } from "./finding.ts";
import type { Stream } from "./stream.ts";

export interface JudgeFacts {
  readonly stream: Stream;
  /** Bases that the accepted recipients' standings rest on: `written_notice` calls for the business-card sentence. */
  readonly bases: readonly Basis[];
  /** Host of `http.public_url` and of the gateway's own mailboxes: always good for an opt-out. */
  readonly gatewayHosts: readonly string[];
  readonly now: Date;
}

export function judge(view: MessageView, facts: JudgeFacts): readonly Finding[] {
  void view;
  void facts;
  return [];
}
