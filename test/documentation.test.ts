// What pages show is there: commands and their options, settings, scripts, routes, metrics, links; and both READMEs say the same.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import type { Command } from "commander";
import { expect, test } from "vitest";

import manifest from "../package.json" with { type: "json" };
import { createProgram } from "../src/cli/program.ts";
import { ConfigError, type ConfigProblem } from "../src/config/config-error.ts";
import { parseConfig } from "../src/config/load.ts";

const root = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const files = globSync(["*.md", "docs/**/*.md", "scripts/**/*.md"], { cwd: root });
const pages = files.map((file) => ({ file, text: read(file) }));
const program = await createProgram();

/** Commands of a page, in blocks of code and between backticks, without what the shell does with them. */
function commandsIn(text: string): readonly string[] {
  const inBlocks = [...text.matchAll(/^```[^\n]*\n([^]*?)^```/gm)].flatMap(([, block = ""]) =>
    block.replaceAll(/\\\n\s*/g, " ").split("\n"),
  );
  const inWords = [...text.matchAll(/`([^`\n]+)`/g)].map(([, words = ""]) => words);
  return [...inBlocks, ...inWords].flatMap((line) => {
    const [, command] = /(?:^\s*|npx |&& )sekisho ([^\s<].*)/.exec(line) ?? [];
    return command === undefined ? [] : alternatives(command.split(/\s[#|>]/)[0]?.trim() ?? "");
  });
}

/** `held show|release ID` → two commands. */
function alternatives(command: string): readonly string[] {
  const [choice] = /\S+\|\S+/.exec(command) ?? [];
  return choice?.split("|").map((each) => command.replace(choice, each)) ?? [command];
}

const wordsOf = (command: string): readonly string[] =>
  (command.match(/"[^"]*"|[^\s"]+/g) ?? []).map((word) => word.replaceAll(/^[["]|[\]"]$/g, ""));

/** What is wrong with a command; undefined where nothing is. */
function problemOf(text: string): string | undefined {
  const words = wordsOf(text);
  let command: Command = program;
  let at = 0;
  for (;;) {
    const below = command.commands.find((each) => each.name() === words[at]);
    if (below === undefined) break;
    command = below;
    at += 1;
  }
  const rest = words.slice(at);
  const isGroup = command.commands.length > 0;
  if (isGroup && rest[0] !== undefined) return `no command ${rest[0]}`;
  const known = [...command.options, ...program.options].map(({ long }) => long);
  const unknown = rest.find((word) => word.startsWith("--") && !known.includes(word));
  return unknown === undefined ? undefined : `no option ${unknown}`;
}

test("every command that a page shows is one, with these options", () => {
  const shown = pages.flatMap(({ file, text }) =>
    commandsIn(text).map((command) => ({ file, command, problem: problemOf(command) })),
  );
  expect(shown.length).toBeGreaterThan(100);
  expect(shown.filter(({ problem }) => problem !== undefined)).toEqual([]);
});

test("a command that is none is noticed", () => {
  expect(problemOf("queue lists")).toBe("no command lists");
  expect(problemOf('queue hold ID --because "x"')).toBe("no option --because");
  expect(problemOf("consent retention [--apply]")).toBeUndefined();
});

test("every script that a page names is in package.json", () => {
  const named = pages.flatMap(({ file, text }) =>
    [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = ""]) => ({ file, name })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ name }) => !(name in manifest.scripts))).toEqual([]);
});

test("every link within the repository leads to a page, and to a heading of it", () => {
  const links = pages.flatMap(({ file, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => ({ file, link })),
  );
  const inside = links.filter(({ link }) => !/^[a-z]+:/.test(link));
  expect(inside.length).toBeGreaterThan(80);
  const broken = inside.filter(({ file, link }) => {
    const [path = "", heading] = link.split("#");
    const to = path === "" ? join(root, file) : join(root, dirname(file), path);
    if (!existsSync(to)) return true;
    return heading !== undefined && !headingsOf(readFileSync(to, "utf8")).includes(heading);
  });
  expect(broken).toEqual([]);
});

/** As GitHub names them. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("every setting that a page names exists", () => {
  const reference = read("docs/reference/configuration.md");
  const known = [...reference.matchAll(/^\| `([\w.[\]*<>-]+)`/gm)].map(([, key = ""]) => key);
  const sections = new Set(known.map((key) => key.split(/[.[]/)[0] ?? ""));
  const named = pages
    .filter(({ file }) => file !== "docs/reference/configuration.md")
    .flatMap(({ file, text }) =>
      [...text.matchAll(/`([a-z_]+(?:\[\])?\.[a-z_.[\]]+)(?::[^`]*)?`/g)].map(([, key = ""]) => ({
        file,
        key,
      })),
    )
    .filter(({ key }) => sections.has(key.split(/[.[]/)[0] ?? ""));
  expect(named.length).toBeGreaterThan(40);
  expect(
    named.filter(({ key }) => !known.some((each) => each === key || each.startsWith(`${key}.`))),
  ).toEqual([]);
});

test("every piece of a configuration that a page shows is one, but for what stands elsewhere", () => {
  const pieces = pages.flatMap(({ file, text }) =>
    [...text.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, yaml = ""]) => ({ file, yaml })),
  );
  expect(pieces.length).toBeGreaterThan(4);
  const wrong = pieces.flatMap(({ file, yaml }) =>
    problemsOf(yaml).map(({ path, problem }) => ({ file, path, problem })),
  );
  expect(
    wrong.filter(({ problem }) => problem !== "is missing" && problem !== "cannot be read"),
  ).toEqual([]);
});

function problemsOf(yaml: string): readonly ConfigProblem[] {
  try {
    parseConfig(yaml, join(root, "config/gateway.yaml"));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test("every route that a page names is served", () => {
  const known = [...read("docs/reference/api.md").matchAll(/^### ([A-Z]+ \S+)$/gm)].map(
    ([, route = ""]) => nameless(route),
  );
  const named = pages
    .filter(({ file }) => file !== "docs/reference/api.md")
    .flatMap(({ file, text }) =>
      [...text.matchAll(/\b(?:GET|POST|PUT|PATCH|DELETE) \/(?:v1|u|c|r)\/[\w{}/-]+/g)].map(
        ([route]) => ({ file, route }),
      ),
    );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ route }) => !known.includes(nameless(route)))).toEqual([]);
});

test("the page on HTTP names every noun, and every page that a proxy has to let through to recipients", () => {
  const text = read("docs/http.md");
  const routes = read("docs/reference/api.md").matchAll(/^### [A-Z]+ (\/v1\/\w+|\/\w\/)/gm);
  const nouns = new Set([...routes].map(([, noun = ""]) => `\`${noun}`));
  expect(nouns.size).toBeGreaterThan(20);
  expect([...nouns].filter((noun) => !text.includes(noun))).toEqual([]);
  const [, open = ""] = /let it pass only (.+) to the public/.exec(text) ?? [];
  const short = [...nouns].filter((noun) => !noun.includes("v1"));
  expect(short.filter((noun) => !open.includes(`${noun}\``))).toEqual([]);
});

/** Whatever its parameters are called. */
const nameless = (route: string): string => route.replaceAll(/\{\w+\}/g, "{}");

test("every metric that a page names is measured", () => {
  const code = globSync("src/http/**/*.ts", { cwd: root }).map(read).join("");
  const named = pages.flatMap(({ file, text }) =>
    [...text.matchAll(/\bsekisho_[a-z_]+/g)].map(([name]) => ({ file, name })),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ name }) => !code.includes(`"${name}"`))).toEqual([]);
});

test("every page is found from the README, in both languages", () => {
  const written = files.filter((file) => /^docs\/(?!decisions\/)/.test(file));
  expect(written.length).toBeGreaterThan(20);
  for (const readme of ["README.md", "README.ja.md"]) {
    const text = read(readme);
    expect(written.filter((file) => !text.includes(`](${file})`))).toEqual([]);
  }
});

test("both READMEs show the same commands", () => {
  const [english = [], japanese = []] = ["README.md", "README.ja.md"].map((file) =>
    commandsIn(read(file)).map((command) =>
      wordsOf(command.replace(/ --lang ja\b/, "").replaceAll(/"[^"]*"/g, "…")).join(" "),
    ),
  );
  expect(japanese.toSorted()).toEqual(english.toSorted());
});
