// A real OpenID provider (oidc-provider) on loopback, and a browser that logs in there.
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { Provider } from "oidc-provider";

export interface OidcServer extends AsyncDisposable {
  readonly issuer: string;
  /** Claims of each account, by login name; may be changed. */
  readonly accounts: Map<string, Readonly<Record<string, unknown>>>;
  /** Follows the URL as a browser would, logs in as `name`, and gives the URL that it is sent back to. */
  readonly visit: (url: string, name: string) => Promise<URL>;
}

export const clientId = "sekisho";
export const clientSecret = "a-secret-of-the-test-only";

/** How a provider may differ, each by what the specifications leave open. */
export interface OidcHabits {
  /** The client's secret counts in the Authorization header only. */
  readonly basicOnly?: true;
  /** What scopes ask for is told at the userinfo endpoint only. */
  readonly thinIdTokens?: true;
  /** Groups come without a scope, and whoever asks for one is refused. */
  readonly noGroupsScope?: true;
  /** Changes each ID token behind its signature. */
  readonly tamper?: (idToken: string) => string;
}

export async function startOidcServer(
  redirectUri: string,
  habits: OidcHabits = {},
): Promise<OidcServer> {
  const accounts: OidcServer["accounts"] = new Map();
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const { basicOnly, thinIdTokens, noGroupsScope, tamper } = habits;
  const authMethod = basicOnly === true ? "client_secret_basic" : "client_secret_post";
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: authMethod,
        ...(noGroupsScope === true ? { scope: "openid email" } : {}),
      },
    ],
    clientAuthMethods: [authMethod],
    cookies: { keys: ["a key of the test only"] },
    scopes: ["openid", "email", ...(noGroupsScope === true ? [] : ["groups"])],
    claims: {
      openid: ["sub", ...(noGroupsScope === true ? ["groups"] : [])],
      email: ["email", "email_verified", "xms_edov"],
      ...(noGroupsScope === true ? {} : { groups: ["groups"] }),
    },
    conformIdTokenClaims: thinIdTokens === true,
    pkce: { required: () => true },
    findAccount: (_context: unknown, id: string) => {
      const claims = accounts.get(id);
      if (claims === undefined) return undefined;
      return { accountId: id, claims: () => Promise.resolve({ sub: id, ...claims }) };
    },
  });
  provider.use(async (context, next) => {
    await next();
    if (context.path !== "/token") return;
    const tokens = context.body as { readonly id_token?: string };
    if (tokens.id_token === undefined || tamper === undefined) return;
    context.body = { ...tokens, id_token: tamper(tokens.id_token) };
  });
  server.on("request", provider.callback());
  return {
    issuer,
    accounts,
    visit: (url, name) => visit(url, name, redirectUri),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const stepsMax = 20;

async function visit(start: string, name: string, redirectUri: string): Promise<URL> {
  const jar = new Map<string, string>();
  let url = start;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < stepsMax; step += 1) {
    if (url.startsWith(redirectUri)) return new URL(url);
    const answer: Response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...jar].map(([key, value]) => `${key}=${value}`).join("; ") },
      ...(form === undefined ? {} : { method: "POST", body: form }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      const at = pair.indexOf("=");
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    form = undefined;
    const location = answer.headers.get("location");
    if (location !== null) {
      url = new URL(location, url).href;
      continue;
    }
    // The provider's own pages: one form to log in, one to consent.
    const page = await answer.text();
    const action = /action="([^"]+)"/.exec(page)?.[1];
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1];
    if (action === undefined || prompt === undefined)
      throw new Error(`the provider answered ${answer.status}: ${page.slice(0, 500)}`);
    url = new URL(action, url).href;
    form = new URLSearchParams({ prompt, login: name, password: "any" });
  }
  throw new Error("the provider sends the browser in circles");
}
