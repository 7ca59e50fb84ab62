// docs/reference/configuration.md: every key of the configuration with meaning, default, range and environment variable.
import { environmentKeys } from "../../src/config/environment.ts";
import { gatewaySchema } from "../../src/config/schema/gateway.ts";

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
}

export function configurationPage(): string {
  const rows: string[] = [];
  visit(gatewaySchema as unknown as Node, "", rows);
  const variables = [...environmentKeys()].map(
    ([name, { path }]) => `| \`${name}\` | \`${path.join(".")}\` |`,
  );
  return `# Configuration

Generated from the schema by \`npm run docs\`. One YAML file: that of \`--config FILE\`, else of the variable \`SEKISHO_CONFIG\`, else
\`config/gateway.yaml\`.
Unknown keys are errors. Relative paths start at the file's folder. \`sekisho check-config\` reads the file and names each problem by its
path. Durations: \`500ms\`, \`2s\`, \`5m\`, \`4h\`, \`4d\`.

| key | meaning | default | values |
| --- | --- | --- | --- |
${rows.join("\n")}

## Environment

Each variable overrides its key. Text is taken as it is, without quotes around it; numbers, booleans, lists and maps are given as YAML or
JSON. With \`_FILE\` behind the name, the value is read from that file; both at once is an error.
The master key may be given as \`SEKISHO_MASTER_KEY\` (32 octets in base64) instead of \`master_key.file\`.

| variable | key |
| --- | --- |
${variables.join("\n")}
`;
}

function visit(node: Node, path: string, rows: string[]): void {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const at = path === "" ? name : `${path}.${name}`;
    if (child.properties !== undefined) {
      visit(child, at, rows);
      continue;
    }
    rows.push(row(at, child));
    if (child.items?.properties !== undefined) visit(child.items, `${at}[]`, rows);
  }
}

function row(path: string, node: Node): string {
  const standard = node.default === undefined ? "" : `\`${JSON.stringify(node.default)}\``;
  return `| \`${path}\` | ${cell(node.description ?? "")} | ${cell(standard)} | ${cell(values(node))} |`;
}

function values(node: Node): string {
  if (node.enum !== undefined) return node.enum.join(" · ");
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.minimum !== undefined || node.maximum !== undefined)
    return `${node.minimum ?? ""} … ${node.maximum ?? ""}`;
  return node.type ?? "";
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
