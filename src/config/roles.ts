// Roles that the operator adds: what is wrong with them is told here, before anything is opened on their word.
import { allRoles } from "../identity/rights.ts";
import { isScope, routeNouns } from "../identity/scope.ts";
import type { ConfigProblem } from "./config-error.ts";
import type { GatewayFile } from "./schema/gateway.ts";

export function roleProblems({ roles, oidc }: GatewayFile["people"]): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const standard = allRoles();
  const names = new Set(standard.kind === "ok" ? standard.value.keys() : []);
  for (const [index, { id, scopes }] of roles.entries()) {
    if (names.has(id))
      problems.push({
        path: `people.roles[${index}].id`,
        found: JSON.stringify(id),
        problem: "is a role already",
        remedy: "Give it another name: what a role's name means must not change.",
      });
    names.add(id);
    for (const [place, scope] of scopes.entries())
      if (!isScope(scope))
        problems.push({
          path: `people.roles[${index}].scopes[${place}]`,
          found: JSON.stringify(scope),
          problem: "is no scope",
          remedy: `Use * or noun:read|write with one of ${routeNouns.join(", ")}.`,
        });
  }
  for (const [claim, given] of Object.entries(oidc?.roles ?? {}))
    for (const [place, name] of given.entries())
      if (!names.has(name))
        problems.push({
          path: `people.oidc.roles.${claim}[${place}]`,
          found: JSON.stringify(name),
          problem: "names no role",
          remedy: `Use one of: ${[...names].join(", ")}.`,
        });
  return problems;
}
