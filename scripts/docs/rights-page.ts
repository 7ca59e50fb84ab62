// docs/reference/rights.md: who may do what, from the roles and the routes themselves.
import { buildOpenApi } from "../../src/http/build-openapi.ts";
import { allRoles, type Role } from "../../src/identity/rights.ts";
import { nounSummaries } from "../../src/identity/scope.ts";
import { permits } from "../../src/identity/token.ts";

interface Operation {
  readonly summary?: string;
  readonly description?: string;
}

export async function rightsPage(): Promise<string> {
  const parsed = allRoles();
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  const roles = [...parsed.value.values()];
  const document = (await buildOpenApi()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const rows = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { summary, description }]) => {
      const scope = /Scope: ([a-z]+):(read|write)\./.exec(description ?? "");
      return scope?.[1] === undefined
        ? []
        : [routeRow(`${method.toUpperCase()} ${path}`, summary ?? "", scope, roles)];
    }),
  );
  return `# Rights

Generated from \`src/identity/rights.ts\` and the routes by \`npm run docs\`; \`test/http/rights-matrix.test.ts\` runs the same table. ● may,
◐ may, and sees mail addresses masked. \`self\` is the caller's own account. A person or token limited to some senders sees and changes
what belongs to these only; what concerns every sender is closed to them.

## Roles

| role | for |
| --- | --- |
${roles.map((role) => `| ${role.name} | ${role.summary} |`).join("\n")}

Roles of your own: \`people.roles\` in the configuration, each a list of scopes.

## Nouns

| noun | about |
| --- | --- |
${Object.entries(nounSummaries)
  .map(([noun, summary]) => `| ${noun} | ${summary} |`)
  .join("\n")}

## Routes

| route | what | scope | ${roles.map((role) => role.name).join(" | ")} |
| --- | --- | --- | ${roles.map(() => ":-:").join(" | ")} |
${rows.join("\n")}
`;
}

function routeRow(
  route: string,
  summary: string,
  scope: RegExpExecArray,
  roles: readonly Role[],
): string {
  const [, noun = "", right] = scope;
  const marks = roles.map((role) => {
    const may = noun === "self" || permits(role, noun, right === "write" ? "write" : "read");
    if (!may) return "";
    return role.masked && noun !== "self" ? "◐" : "●";
  });
  return `| \`${route}\` | ${summary.replaceAll("|", "\\|")} | ${noun}:${right ?? ""} | ${marks.join(" | ")} |`;
}
