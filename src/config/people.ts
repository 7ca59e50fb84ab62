// Section `people` settled: durations in seconds, the secret read, roles and single sign-on as the parts use them.
import { resolve } from "node:path";

import type { ConfigProblem } from "./config-error.ts";
import { parseDuration } from "./duration.ts";
import { roleProblems } from "./roles.ts";
import { readTextFile, saveAsUtf8 } from "./text-file.ts";
import type { GatewayFile } from "./schema/gateway.ts";

export interface PeopleConfig {
  readonly password: {
    readonly minLength: number;
    readonly phraseLength: number;
    readonly minScore: number;
  };
  readonly passwordMaxAgeDays: number;
  /** Absolute path. */
  readonly breachedFile?: string;
  readonly secondFactor: "optional" | "required";
  readonly session: { readonly idleSeconds: number; readonly maxSeconds: number };
  readonly banner: string;
  readonly roles: readonly {
    readonly id: string;
    readonly summary: string;
    readonly scopes: readonly string[];
    readonly masked: boolean;
  }[];
  readonly oidc?: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret?: string;
    readonly roleClaim: string;
    readonly verifiedClaim: string;
    readonly roles: ReadonlyMap<string, readonly string[]>;
    readonly createUsers: boolean;
    readonly allowPrivate: readonly string[];
  };
}

const phraseLength = 20; // a passphrase of that length needs no mix of characters (law.md S37)

export function settlePeople(
  file: GatewayFile["people"],
  folder: string,
  problems: ConfigProblem[],
): PeopleConfig {
  const { password, session, oidc } = file;
  problems.push(...roleProblems(file));
  const settledOidc = oidc === undefined ? undefined : settleOidc(oidc, folder, problems);
  return {
    password: {
      minLength: password.min_length,
      phraseLength: Math.max(phraseLength, password.min_length),
      minScore: password.min_score,
    },
    passwordMaxAgeDays: password.max_age_days,
    ...(password.breached_file === undefined
      ? {}
      : { breachedFile: resolve(folder, password.breached_file) }),
    secondFactor: file.second_factor,
    session: { idleSeconds: seconds(session.idle), maxSeconds: seconds(session.max) },
    banner: file.banner,
    roles: file.roles,
    ...(settledOidc === undefined ? {} : { oidc: settledOidc }),
  };
}

function settleOidc(
  oidc: NonNullable<GatewayFile["people"]["oidc"]>,
  folder: string,
  problems: ConfigProblem[],
): NonNullable<PeopleConfig["oidc"]> {
  if (!isIssuer(oidc.issuer))
    problems.push({
      path: "people.oidc.issuer",
      found: JSON.stringify(oidc.issuer),
      problem: "is no issuer",
      remedy: "Use https://…; http only on loopback (127.0.0.1, localhost).",
    });
  const secret = readSecret(oidc.client_secret_file, folder, problems);
  return {
    issuer: oidc.issuer,
    clientId: oidc.client_id,
    ...(secret === undefined ? {} : { clientSecret: secret }),
    roleClaim: oidc.role_claim,
    verifiedClaim: oidc.verified_claim,
    roles: new Map(Object.entries(oidc.roles)),
    createUsers: oidc.create_users,
    allowPrivate: oidc.allow_private,
  };
}

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const loopback = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  return protocol === "https:" || (protocol === "http:" && loopback);
}

function readSecret(
  file: string | undefined,
  folder: string,
  problems: ConfigProblem[],
): string | undefined {
  if (file === undefined) return undefined;
  try {
    const text = readTextFile(resolve(folder, file));
    if (text.kind === "ok") return text.value.trim();
    problems.push({
      path: "people.oidc.client_secret_file",
      found: JSON.stringify(file),
      problem: text.problem,
      remedy: saveAsUtf8,
    });
    return undefined;
  } catch {
    problems.push({
      path: "people.oidc.client_secret_file",
      found: JSON.stringify(file),
      problem: "cannot be read",
      remedy: "Name a file that holds the secret and that this user may read.",
    });
    return undefined;
  }
}

function seconds(text: string): number {
  return (parseDuration(text) ?? 0) / 1000; // The schema's pattern has let through durations only.
}
