// The HTTP server: every limit set, tokens before bodies, problems for errors, and one log line a request without its URL.
import type { AddressInfo } from "node:net";
import { Server as TlsServer } from "node:tls";

import rateLimit from "@fastify/rate-limit";
import Fastify, { LogController, type FastifyReply, type FastifyRequest } from "fastify";

import { adminRoutes } from "./admin/routes.ts";
import type { App, TypeBoxProvider } from "./app.ts";
import { createActRecord, createAuthorise, demandScope } from "./authorise.ts";
import { refuseEncodedBodies } from "./encoded-body.ts";
import { createMatchCheck, tagAnswers } from "./entity-tag.ts";
import { honourIdempotencyKeys } from "./idempotency.ts";
import { demandOneHost } from "./one-host.ts";
import { takeJsonOnly } from "./json-text.ts";
import { describeRoutes, documentAdminRoute } from "./openapi.ts";
import { createDoor } from "../identity/login.ts";
import { answerNoRoute } from "./no-route.ts";
import type { HttpParts, HttpSettings } from "./parts.ts";
import { answerError, createRequestId, refuse } from "./problem.ts";
import { createAnswerCut } from "./answer-cut.ts";
import { atFirstUse } from "./first-use.ts";
import { createReachCheck } from "./reach.ts";
import { sessionRoutes } from "./public/session.ts";
import { oidcRoutes } from "./public/oidc.ts";
import { publicRoutes } from "./public/routes.ts";
import { addSecureHeaders } from "./secure-headers.ts";

const minVersion = "TLSv1.2"; // RFC 9325 §3.1.1
const headerTimeoutMs = 10_000; // slow headers (threats.md row 75)
const requestTimeoutMs = 60_000; // a whole request, with a message of 25 MB over a slow line
const handlerTimeoutMs = 120_000; // an audit log of years is verified within
const connectionTimeoutMs = 120_000; // a silent connection
const keepAliveTimeoutMs = 10_000;
const headerMaxOctets = 16 * 1024;
const connectionsMax = 500;
const bodyMaxOctets = 64 * 1024; // one JSON object; routes that take more say so
const paramMaxCharacters = 800; // an address of 254 octets, each percent-encoded
const requestsPerMinuteMax = 3000; // of one address: imports in small steps fit, floods do not

export interface HttpServer {
  /** `http://host:port` as bound. */
  readonly url: string;
  readonly port: number;
  /** Lets requests under way end, for `graceSeconds` at most where that is given, then closes. */
  readonly close: (graceSeconds?: number) => Promise<void>;
  /** For https: new connections see it. PEM, as in the settings. */
  readonly useCertificate: (pair: NonNullable<HttpSettings["tls"]>) => void;
}

export async function startHttp(settings: HttpSettings, parts: HttpParts): Promise<HttpServer> {
  const app = await createApp(settings, parts);
  const url = await app.listen({ host: settings.host, port: settings.port });
  app.server.maxConnections = connectionsMax;
  const { port } = app.server.address() as AddressInfo; // A TCP server's address is one.
  return {
    url,
    port,
    close: async (graceSeconds) => {
      const cut = setTimeout(
        () => {
          app.server.closeAllConnections();
        },
        (graceSeconds ?? handlerTimeoutMs / 1000) * 1000,
      );
      await app.close();
      clearTimeout(cut);
    },
    useCertificate: (pair) => {
      const { server } = app;
      if (server instanceof TlsServer) server.setSecureContext({ ...pair, minVersion });
    },
  };
}

/** When schemas are compiled. `at once`: one that is none fails createApp, not its route's first request. */
type Compiling = "at first use" | "at once";

/** All routes, ready to answer, not listening. */
export async function createApp(
  settings: HttpSettings,
  parts: HttpParts,
  compiling: Compiling = "at first use",
): Promise<App> {
  const app = newApp(settings, parts, compiling);
  app.decorateRequest("caller", null);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    refuse(request, reply, "not-found", {
      detail: "there is nothing at this method and path",
      remedy: "See /openapi.json.",
    }),
  );
  demandOneHost(app);
  takeJsonOnly(app);
  addSecureHeaders(app, { https: isHttps(settings) });
  logRequests(app);
  await app.register(rateLimit, {
    max: requestsPerMinuteMax,
    timeWindow: 60_000,
    keyGenerator: (request) => request.ip,
    addHeaders: {
      "x-ratelimit-limit": false,
      "x-ratelimit-remaining": false,
      "x-ratelimit-reset": false,
    },
    addHeadersOnExceeding: {
      "x-ratelimit-limit": false,
      "x-ratelimit-remaining": false,
      "x-ratelimit-reset": false,
    },
  });
  describeRoutes(app, apiVersion);
  const door = createDoor(parts);
  await app.register((scoped: App, _options, done) => {
    publicRoutes(scoped, parts);
    sessionRoutes(scoped, parts, settings, door);
    oidcRoutes(scoped, parts, settings, door);
    scoped.get("/openapi.json", { schema: { hide: true } }, () => Promise.resolve(app.swagger()));
    done();
  });
  await app.register(
    (scoped: App, _options, done) => {
      scoped.addHook("onRoute", demandScope);
      scoped.addHook("onRoute", documentAdminRoute);
      scoped.addHook("onRequest", createAuthorise(parts, settings.publicUrl));
      refuseEncodedBodies(scoped);
      scoped.addHook("preSerialization", createAnswerCut(parts));
      scoped.addHook("preHandler", createMatchCheck(settings.requireIfMatch === true));
      scoped.addHook("preHandler", createActRecord(parts));
      // Before the reach: what an act has ended has no sender any more, and whoever did it may still hear that it is done.
      honourIdempotencyKeys(scoped, parts);
      scoped.addHook("preHandler", createReachCheck(parts));
      tagAnswers(scoped);
      adminRoutes(scoped, parts, settings, door);
      done();
    },
    { prefix: "/v1" },
  );
  await app.ready();
  return app;
}

const apiVersion = "1";
function isHttps({ publicUrl }: HttpSettings): boolean {
  return publicUrl?.startsWith("https:") === true;
}

function newApp(settings: HttpSettings, parts: HttpParts, compiling: Compiling): App {
  const atOnce = compiling === "at once";
  return Fastify({
    schemaController: { compilersFactory: atOnce ? {} : atFirstUse },
    loggerInstance: parts.log,
    // Fastify's own lines have the URL in them, and with it addresses.
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: createRequestId,
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    bodyLimit: bodyMaxOctets,
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    handlerTimeout: handlerTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    ...protocol(settings),
    routerOptions: { maxParamLength: paramMaxCharacters },
    ...answerNoRoute(parts, { https: isHttps(settings) }),
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    // A field that we do not know is an error, not silently dropped; query strings need numbers made of text.
    ajv: {
      customOptions: {
        removeAdditional: false,
        coerceTypes: true,
        useDefaults: true,
        validateSchema: atOnce, // 0.3 s: once for the documents, not in each gateway
      },
    },
  }).withTypeProvider<TypeBoxProvider>();
}

/** Opt-out links need https (RFC 8058 §3.1): by ourselves, or by a proxy. Typed as the plain server, which it extends. */
function protocol({ tls }: HttpSettings): { readonly http?: object } {
  const limits = { headersTimeout: headerTimeoutMs, maxHeaderSize: headerMaxOctets };
  const https: object = { https: { ...limits, ...tls, minVersion } };
  return tls === undefined ? { http: limits } : https;
}

function logRequests(app: App): void {
  app.addHook("onResponse", (request: FastifyRequest, reply: FastifyReply, done) => {
    request.log.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? "none",
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        actor: request.caller?.actor,
      },
      "http request",
    );
    done();
  });
}
