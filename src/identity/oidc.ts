// Single sign-on by OpenID Connect: authorisation code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 9700).
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type ClientAuth,
  type Configuration,
} from "openid-client";

import type { OidcSettings } from "./people-settings.ts";
import { stepUpSeconds } from "./session.ts";

const discoveredMs = 3_600_000; // the provider's document is read anew after an hour
const valuesMax = 200; // of the role claim

/** What is kept between the way out and the way back, with the browser it belongs to. */
export interface OidcErrand {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What the provider says of the person; signature, issuer, audience, times, nonce and PKCE were checked. */
export interface OidcPerson {
  readonly subject: string;
  /** When they last showed the provider who they are; absent where it does not say. */
  readonly provedAt?: Date;
  /** Only where the provider says that it verified it. */
  readonly email?: string;
  readonly roles: readonly string[];
}

export interface Oidc {
  readonly begin: () => Promise<{ readonly url: string; readonly errand: OidcErrand }>;
  /** `back`: the URL that the provider sent the browser to. Rejects where anything does not fit. */
  readonly finish: (back: URL, errand: OidcErrand) => Promise<OidcPerson>;
}

export interface OidcParts {
  readonly settings: OidcSettings;
  readonly redirectUri: string;
  /** Guarded against hosts that are none of ours to ask. */
  readonly fetch: (
    url: string,
    init: {
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    },
  ) => Promise<Response>;
  readonly clock: () => Date;
}

export function createOidc(parts: OidcParts): Oidc {
  const { settings, redirectUri } = parts;
  let found: { readonly at: number; readonly configuration: Promise<Configuration> } | undefined;
  const configuration = (): Promise<Configuration> => {
    const now = parts.clock().getTime();
    if (found !== undefined && now - found.at < discoveredMs) return found.configuration;
    const mine = { at: now, configuration: discover(parts) };
    found = mine;
    mine.configuration.catch(() => {
      if (found === mine) found = undefined; // The next login tries again.
    });
    return mine.configuration;
  };
  return {
    begin: async () => {
      const errand = {
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
      };
      const provider = await configuration();
      const url = buildAuthorizationUrl(provider, {
        redirect_uri: redirectUri,
        scope: scopeFor(settings, provider.serverMetadata().scopes_supported),
        response_type: "code",
        state: errand.state,
        nonce: errand.nonce,
        code_challenge: await calculatePKCECodeChallenge(errand.verifier),
        code_challenge_method: "S256",
        max_age: String(stepUpSeconds), // Coming back from a session there that is older would prove nothing.
      });
      return { url: url.href, errand };
    },
    finish: async (back, errand) => {
      const provider = await configuration();
      const tokens = await authorizationCodeGrant(provider, back, {
        expectedState: errand.state,
        expectedNonce: errand.nonce,
        pkceCodeVerifier: errand.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error("the provider gave no ID token");
      // Claims asked for by scope need not be in the ID token where there is an access token (OpenID Connect Core 1.0 §5.4).
      const needed = ["email", settings.verifiedClaim, settings.roleClaim];
      const isWhole = needed.every((name) => claims[name] !== undefined);
      const told: Claims[] = [claims];
      if (!isWhole && provider.serverMetadata().userinfo_endpoint !== undefined)
        told.push(await fetchUserInfo(provider, tokens.access_token, claims.sub));
      const email = told
        .map((each) => verifiedEmail(each, settings.verifiedClaim))
        .find((each) => each !== undefined);
      return {
        subject: claims.sub,
        ...(claims.auth_time === undefined ? {} : { provedAt: new Date(claims.auth_time * 1000) }),
        ...(email === undefined ? {} : { email }),
        roles: rolesOf(
          settings,
          told.flatMap((each) => each[settings.roleClaim] ?? []),
        ),
      };
    },
  };
}

type Claims = Readonly<Record<string, unknown>>;

/** OpenID Connect Core 1.0 §5.1 has it as true; Microsoft's xms_edov comes as 1 or as text, too. */
const yes: ReadonlySet<unknown> = new Set([true, "true", 1, "1"]);

function verifiedEmail(claims: Claims, verifiedClaim: string): string | undefined {
  const { email } = claims;
  return typeof email === "string" && yes.has(claims[verifiedClaim]) ? email : undefined;
}

/** A provider may refuse a scope that it does not know (RFC 6749 §3.3): groups often come without one. */
function scopeFor({ roleClaim }: OidcSettings, known: readonly string[] | undefined): string {
  const isScope = known === undefined || known.includes(roleClaim);
  return `openid email${isScope ? ` ${roleClaim}` : ""}`;
}

function discover({ settings, fetch }: OidcParts): Promise<Configuration> {
  const issuer = new URL(settings.issuer);
  return discovery(
    issuer,
    settings.clientId,
    settings.clientSecret,
    settings.clientSecret === undefined ? None() : bySecret(settings.clientSecret),
    {
      [customFetch]: (url, { method, headers, body }) =>
        fetch(url, {
          method,
          headers: Object.fromEntries(new Headers(headers).entries()),
          ...(body === undefined || body === null ? {} : { body: textOf(body) }),
        }),
      execute: [
        enableNonRepudiationChecks, // an ID token's signature, which TLS alone would stand for (OpenID Connect Core 1.0 §3.1.3.7)
        // The configuration has let through http on loopback only, and the fetch does so again.
        ...(issuer.protocol === "http:" ? [allowInsecureRequests] : []),
      ],
    },
  );
}

/** In the body, unless the provider takes it in the header only, as one does that names no way (OpenID Connect Discovery 1.0 §3). */
function bySecret(secret: string): ClientAuth {
  const [inBody, inHeader] = [ClientSecretPost(secret), ClientSecretBasic(secret)];
  return (server, client, body, headers) => {
    const ways = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const authenticate = ways.includes("client_secret_post") ? inBody : inHeader;
    authenticate(server, client, body, headers);
  };
}

function textOf(body: unknown): string {
  if (typeof body === "string") return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new Error("an OpenID Connect request has a body of an unknown kind");
}

function rolesOf(settings: OidcSettings, values: readonly unknown[]): readonly string[] {
  const roles = values
    .slice(0, valuesMax)
    .flatMap((value) => (typeof value === "string" ? (settings.roles.get(value) ?? []) : []));
  return [...new Set(roles)];
}
