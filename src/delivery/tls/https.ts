// Asks a web server that a stranger's DNS names: by a valid certificate, within caps, without redirects, never inwards.
import { Agent, request } from "node:https";
import { isIP } from "node:net";

import type { Answer } from "../../dns/resolver.ts";
import { printable } from "../../mail/reply.ts";
import type { AddressGuard } from "../address-guard.ts";

export interface HttpsRequest {
  readonly host: string;
  /** 443 if absent. */
  readonly port?: number;
  /** Path with query, as it goes on the wire. */
  readonly path: string;
  /** A POST where given. */
  readonly body?: { readonly type: string; readonly content: Buffer };
}

/** `tls`: the certificate is not valid for the host (RFC 8461 §3.3). */
export type HttpsAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly contentType: string;
      readonly body: Buffer;
    }
  | { readonly kind: "failed"; readonly tls: boolean; readonly problem: string };

export interface HttpsClient {
  /** Never throws. A redirect is an answer like others: it is not followed. */
  readonly ask: (wish: HttpsRequest) => Promise<HttpsAnswer>;
}

export interface HttpsParts {
  readonly resolver: {
    readonly a: (name: string) => Promise<Answer<string>>;
    readonly aaaa: (name: string) => Promise<Answer<string>>;
  };
  readonly guard: AddressGuard;
  /** PEM; empty: the runtime's own authorities. */
  readonly authorities: readonly string[];
  /** In place of 443. */
  readonly port: number;
  /** From the question of DNS to the last octet, in milliseconds. */
  readonly totalMs: number;
}

const bodyMaxOctets = 65_536; // RFC 8461 §3.3 suggests 64 KB

const addressesMax = 8; // of one host: one may be down
const attemptMs = 5000; // behind it the next address is dialled

export function createHttps(parts: HttpsParts): HttpsClient {
  return {
    ask: async (wish) => {
      const signal = AbortSignal.timeout(parts.totalMs);
      const answers = await Promise.all([
        parts.resolver.a(wish.host),
        parts.resolver.aaaa(wish.host),
      ]);
      // An address in the place of a name would be dialled past `lookup`, whatever was judged.
      const addresses = (isIP(wish.host) === 0 ? answers : [])
        .flatMap((answer) => (answer.kind === "records" ? answer.records : []))
        .filter((candidate) => parts.guard.refuse(candidate) === undefined)
        .slice(0, addressesMax);
      return addresses.length === 0
        ? { kind: "failed", tls: false, problem: `${wish.host} has no address that may be dialled` }
        : exchange(wish, addresses, signal, parts);
    },
  };
}

function exchange(
  wish: HttpsRequest,
  addresses: readonly string[],
  signal: AbortSignal,
  parts: HttpsParts,
): Promise<HttpsAnswer> {
  return new Promise((resolve) => {
    const { body } = wish;
    const fail = (tls: boolean, problem: string): void => {
      asking.destroy();
      resolve({ kind: "failed", tls, problem: printable(problem) });
    };
    const asking = request({
      host: wish.host,
      // The addresses were judged: they are dialled as they are, and no name is looked up again (threats.md row 76).
      lookup: (_name, _options, done) => {
        done(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        );
      },
      port: wish.port ?? parts.port,
      servername: wish.host,
      agent: new Agent({ autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptMs }),
      method: body === undefined ? "GET" : "POST",
      path: wish.path,
      headers: {
        Host: wish.port === undefined ? wish.host : `${wish.host}:${wish.port}`,
        ...(body === undefined
          ? {}
          : { "Content-Type": body.type, "Content-Length": String(body.content.length) }),
      },
      minVersion: "TLSv1.2",
      ...(parts.authorities.length === 0 ? {} : { ca: [...parts.authorities] }),
      signal,
    });
    asking.on("error", (error: NodeJS.ErrnoException) => {
      fail(
        isCertificateError(error.code ?? ""),
        error.name === "TimeoutError" || error.name === "AbortError"
          ? "no answer in time"
          : error.message,
      );
    });
    asking.on("response", (response) => {
      const chunks: Buffer[] = [];
      let octets = 0;
      response.on("error", (error) => {
        fail(false, error.message);
      });
      response.on("data", (chunk: Buffer) => {
        octets += chunk.length;
        if (octets > bodyMaxOctets) fail(false, `the answer has more than ${bodyMaxOctets} octets`);
        else chunks.push(chunk);
      });
      response.on("end", () => {
        resolve({
          kind: "answer",
          status: response.statusCode ?? 0,
          contentType: response.headers["content-type"] ?? "",
          body: Buffer.concat(chunks),
        });
      });
      response.on("close", () => {
        fail(false, "the answer was cut");
      });
    });
    asking.end(body?.content);
  });
}

function isCertificateError(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)_|ERR_TLS_CERT/.test(code);
}
