// Asks a web server for one page of a sender as if the server were hostile: addresses checked and pinned, everything bounded.
import { request as requestHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { getCACertificates } from "node:tls";

import type { Answer } from "../dns/resolver.ts";
import { printable } from "../mail/reply.ts";
import type { Wording } from "../policy/rule.ts";

export type Fetched =
  | { readonly kind: "page"; readonly octets: Buffer; readonly contentType: string }
  | { readonly kind: "unusable" | "away"; readonly why: Wording };

export interface FetchParts {
  readonly resolver: {
    readonly a: (name: string) => Promise<Answer<string>>;
    readonly aaaa: (name: string) => Promise<Answer<string>>;
  };
  /** undefined: the address may be dialled. */
  readonly guard: { readonly refuse: (address: string) => string | undefined };
  /** Whether a port beside 80 and 443 may be dialled at this address: a test network's own servers. */
  readonly anyPort: (address: string) => boolean;
  /** PEM, trusted beside the runtime's own. */
  readonly authorities: readonly string[];
  /** From the first question of DNS to the last octet of the last page, in milliseconds. */
  readonly timeoutMs: number;
}

const octetsMax = 1024 * 1024; // a company's page has some ten to some hundred KB without its pictures
const redirectsMax = 5; // http → https → www → language → page
const asBrowsersAsk = {
  "User-Agent": "Mozilla/5.0 (compatible; Sekisho; reads the pages that its sender's mail points to)",
  Accept: "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.8",
  "Accept-Language": "ja,en;q=0.5",
  "Accept-Encoding": "identity", // what is not compressed cannot grow
}; // prettier-ignore

/** Never throws. Cookies are neither kept nor sent. */
export async function fetchPage(url: URL, parts: FetchParts): Promise<Fetched> {
  const signal = AbortSignal.timeout(parts.timeoutMs);
  let at = url;
  for (let hop = 0; hop <= redirectsMax; hop += 1) {
    const answer = await askOnce(at, parts, signal);
    if (!("location" in answer)) return answer;
    const next = URL.parse(answer.location, at.href);
    if (next === null)
      return unusable("it redirects to what is no address", "転送先が URL ではありません");
    if (at.protocol === "https:" && next.protocol !== "https:")
      return unusable("it redirects from https to http", "https から http へ転送されます");
    at = next;
  }
  return unusable(`it redirects more than ${redirectsMax} times`, `${redirectsMax} 回を超えて転送されます`);
} // prettier-ignore

type Step = Fetched | { readonly location: string };

async function askOnce(url: URL, parts: FetchParts, signal: AbortSignal): Promise<Step> {
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return unusable("it is not at http or https", "http・https のページではありません");
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const found = await addressesOf(host, parts, signal);
  if ("kind" in found) return found;
  const address = found.addresses.find((each) => parts.guard.refuse(each) === undefined);
  if (address === undefined)
    return unusable(`${host} has no address on the public Internet`, `${host} に公開されたアドレスがありません`);
  if (url.port !== "" && !parts.anyPort(address))
    return unusable(`port ${url.port} is not asked`, `ポート ${url.port} には接続しません`);
  return exchange(url, { host, address }, parts, signal);
} // prettier-ignore

async function addressesOf(
  host: string,
  { resolver }: FetchParts,
  signal: AbortSignal,
): Promise<{ readonly addresses: readonly string[] } | Fetched> {
  if (isIP(host) !== 0) return { addresses: [host] };
  const ended = once(signal).then(() => undefined);
  const answers = await Promise.race([Promise.all([resolver.a(host), resolver.aaaa(host)]), ended]);
  if (answers === undefined) return away("no answer of DNS in time", "DNS の応答がありません");
  const records = answers.flatMap((answer) => (answer.kind === "records" ? answer.records : []));
  if (records.length > 0) return { addresses: records };
  return answers.some((answer) => answer.kind === "unavailable")
    ? away("DNS does not answer", "DNS の応答がありません")
    : unusable(`${host} does not exist in DNS`, `${host} が DNS に存在しません`);
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => { resolve(); }, { once: true });
  });
} // prettier-ignore

function exchange(
  url: URL,
  { host, address }: { readonly host: string; readonly address: string },
  { authorities }: FetchParts,
  signal: AbortSignal,
): Promise<Step> {
  const secure = url.protocol === "https:";
  const options: RequestOptions = {
    // The address was judged: it is dialled as it is, and no name is looked up again (threats.md row 76).
    host: address,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    headers: { ...asBrowsersAsk, Host: url.host },
    agent: false,
    signal,
  };
  const trusted = authorities.length === 0 ? {} : { ca: [...getCACertificates(), ...authorities] };
  const name = isIP(host) === 0 ? { servername: host } : {};
  return new Promise((resolve) => {
    const asking = secure
      ? requestHttps({ ...options, ...trusted, ...name, minVersion: "TLSv1.2" })
      : requestHttp(options);
    asking.on("error", (error: NodeJS.ErrnoException) => {
      resolve(toFailure(error, signal));
    });
    asking.on("response", (answer) => {
      void take(answer).then((step) => {
        resolve(step);
        asking.destroy();
      });
    });
    asking.end();
  });
}

async function take(answer: IncomingMessage): Promise<Step> {
  const status = answer.statusCode ?? 0;
  const { location } = answer.headers;
  if (status >= 300 && status < 400 && location !== undefined) return { location };
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return away(`it answers ${status}`, `応答が ${status} です`);
  if (status !== 200) return unusable(`it answers ${status}`, `応答が ${status} です`);
  const coding = answer.headers["content-encoding"] ?? "identity";
  if (coding !== "identity")
    return unusable(`it is compressed (${printable(coding)}) though not asked to be`, "圧縮された形で返されます");
  const chunks: Buffer[] = [];
  let octets = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      octets += chunk.length;
      if (octets > octetsMax)
        return unusable(`it is larger than ${octetsMax} octets`, `${octetsMax} オクテットを超えています`);
      chunks.push(chunk);
    }
  } catch {
    return away("its answer was cut or came too slowly", "応答が途中で切れました");
  }
  return {
    kind: "page",
    octets: Buffer.concat(chunks),
    contentType: answer.headers["content-type"] ?? "",
  };
} // prettier-ignore

function toFailure(error: NodeJS.ErrnoException, signal: AbortSignal): Fetched {
  if (signal.aborted) return away("no answer in time", "時間内に応答がありません");
  const code = error.code ?? "";
  if (/CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)_/.test(code))
    return unusable(`its certificate is not valid (${code})`, `証明書が有効ではありません（${code}）`);
  return away(`no connection (${code === "" ? "cut" : code})`, `接続できません（${code === "" ? "切断" : code}）`);
} // prettier-ignore

function unusable(en: string, ja: string): Fetched {
  return { kind: "unusable", why: { en, ja } };
}

function away(en: string, ja: string): Fetched {
  return { kind: "away", why: { en, ja } };
}
