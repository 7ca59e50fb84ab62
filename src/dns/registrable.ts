// The name under a public suffix that somebody registered: whose host it is, roughly.
import { getDomain } from "tldts";

/** `example.co.jp` for `mx.example.co.jp`; the host itself where it has none. An underscore in it does no harm. */
export function registrable(host: string): string {
  return getDomain(host, { validateHostname: false }) ?? host;
}
