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

export async function startOidcServer(redirectUri: string): Promise<OidcServer> {
  const accounts: OidcServer["accounts"] = new Map();
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    cookies: { keys: ["a key of the test only"] },
    scopes: ["openid", "email", "groups"],
    claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
    conformIdTokenClaims: false, // claims in the ID token, as the large providers do
    pkce: { required: () => true },
    findAccount: (_context: unknown, id: string) => {
      const claims = accounts.get(id);
      if (claims === undefined) return undefined;
      return { accountId: id, claims: () => Promise.resolve({ sub: id, ...claims }) };
    },
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
