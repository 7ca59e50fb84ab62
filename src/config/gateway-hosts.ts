// Hosts of the gateway's own that are always good for an opt-out: its pages, and mailboxes where wishes to stop are taken.
import type { Config } from "./config.ts";

export function gatewayHosts({ http, feedback }: Config): readonly string[] {
  const pages = http.publicUrl === undefined ? [] : [new URL(http.publicUrl).hostname];
  const mailboxes = feedback.domain === undefined ? [] : feedback.mailboxes;
  const answered = mailboxes
    .filter(({ sender }) => sender !== undefined)
    .map(({ address }) => address.slice(address.lastIndexOf("@") + 1));
  return [...new Set([...pages, ...answered])];
}
