// Fetches from a host that the configuration names, as if the host were hostile: one look-up, every address checked, pinned.
import { lookup } from "node:dns/promises";
import { request as requestHttp, type ClientRequest, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";

import { isPublicAddress, parseRanges } from "../identity/address-range.ts";

const answerMaxOctets = 1024 * 1024; // documents of a provider: keys, tokens
const deadlineMs = 10_000;

export interface GuardedInit {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

export type GuardedFetch = (url: string, init?: GuardedInit) => Promise<Response>;

/** Where a name leads. */
export type LookUp = (host: string) => Promise<readonly string[]>;

/**
 * Rejects where the URL is not https (http on loopback only), where any address of the host is not public and not in
 * `allowPrivate` (CIDR), on redirects, after ten seconds and beyond 1 MB. The connection goes to the address that was
 * checked: a second answer of the name's DNS changes nothing (threats.md row 76).
 */
export function createGuardedFetch(
  allowPrivate: readonly string[],
  lookUp: LookUp = bySystem,
): GuardedFetch {
  const allowed = parseRanges(allowPrivate);
  if (allowed.kind === "bad") throw new RangeError(allowed.problem);
  const may = (address: string): boolean =>
    isPublicAddress(address) || allowed.value.contains(address);
  return async (text, init = {}) => {
    const url = new URL(text);
    if (url.protocol !== "https:" && url.protocol !== "http:")
      throw new Error("only https is spoken");
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const addresses = isIP(host) === 0 ? await lookUp(host) : [host];
    const [address] = addresses;
    const wrong = addresses.find((each) => !may(each));
    if (address === undefined) throw new Error(`${host} has no address`);
    if (wrong !== undefined) throw new Error(`${host} leads to an address that is not allowed`);
    const loopback = addresses.every((each) => /^(?:127\.|::1$)/.test(each));
    if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback))
      throw new Error("only https is spoken outside this machine");
    return exchange(url, address, init);
  };
}

function exchange(url: URL, address: string, init: GuardedInit): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const secure = url.protocol === "https:";
  const options = {
    host: address,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    method: init.method ?? "GET",
    headers: { ...init.headers, host: url.host },
    agent: false,
    signal: AbortSignal.timeout(deadlineMs),
  } as const;
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const request: ClientRequest = secure
    ? requestHttps({ ...options, ...(isIP(name) === 0 ? { servername: name } : {}) })
    : requestHttp(options);
  request.on("error", reject);
  request.on("response", (answer) => {
    read(answer).then(resolve, (cause: unknown) => {
      request.destroy();
      reject(cause instanceof Error ? cause : new Error(String(cause)));
    });
  });
  request.end(init.body);
  return promise;
}

async function read(answer: IncomingMessage): Promise<Response> {
  const status = answer.statusCode ?? 0;
  if (status >= 300 && status < 400) throw new Error("redirects are not followed");
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > answerMaxOctets) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers))
    if (typeof value === "string") headers.set(name, value);
  return new Response(Buffer.concat(chunks), { status, headers });
}

async function bySystem(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
