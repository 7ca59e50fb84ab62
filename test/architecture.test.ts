// Holds the code to the import table of docs/architecture.md: the table that people read is the check.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const source = join(root, "src");

interface Row {
  readonly name: string;
  readonly mayImport: readonly string[];
  readonly packages: readonly string[];
}

/** `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`. */
const importPattern =
  /^(?:import|export)\s[^;"]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

const rows = readTable();
const rooms = rows.map((row) => row.name);

function readTable(): readonly Row[] {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const section = text.slice(text.indexOf("## Who may import whom"));
  const lines = section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2);
  return lines.map((line) => {
    const [name = "", may = "", packages = ""] = line
      .split(/(?<!\\)\|/)
      .slice(1)
      .map((cell) => cell.trim());
    return {
      name,
      mayImport: list(may),
      packages: list(
        packages
          .replaceAll("\\", "")
          .replace(/\*(?=,|$)/g, (star, at: number, whole: string) =>
            whole[at - 1] === "/" ? star : "",
          ),
      ),
    };
  });
}

function list(cell: string): readonly string[] {
  return cell === "–" ? [] : cell.split(",").map((item) => item.trim());
}

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

const imports: readonly Import[] = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".d.ts"))
  .flatMap((file) => {
    const text = readFileSync(join(source, file), "utf8");
    return [...text.matchAll(importPattern)].map((match) => ({
      file,
      room: roomOf(file),
      target: match[1] ?? match[2] ?? match[3] ?? "",
    }));
  });

function roomOf(file: string): string {
  const first = file.split("/")[0] ?? "";
  return first;
}

/** cli and gateway.ts reach over the house: the table's words for them. */
function allowed(row: Row, room: string): boolean {
  if (row.name === "gateway.ts") return !["cli", "demo", "main.ts"].includes(room);
  if (row.name === "demo") return room !== "cli" && room !== "main.ts" && room !== "storage";
  if (row.name === "cli") return room !== "storage" && room !== "main.ts";
  return row.mayImport.includes(room);
}

describe("the house", () => {
  test("has a row in the table for each folder", () => {
    const folders = readdirSync(source).filter((name) => name !== "main.ts");
    expect(folders.toSorted()).toEqual(rooms.toSorted());
  });

  test("imports only what the table allows", () => {
    const wrong = imports
      .filter((each) => each.target.startsWith(".") && each.room !== "main.ts")
      .map((each) => ({
        ...each,
        to: roomOf(relative(source, resolve(source, dirname(each.file), each.target))),
      }))
      .filter((each) => each.to !== each.room)
      .filter(
        (each) =>
          !allowed(
            rows.find((row) => row.name === each.room) ?? { name: "", mayImport: [], packages: [] },
            each.to,
          ),
      )
      .map((each) => `${each.file} imports ${each.to}`);
    expect(wrong).toEqual([]);
  });

  test("keeps each outside package in its own room", () => {
    const wrong = imports
      .filter((each) => !each.target.startsWith(".") && !each.target.startsWith("node:"))
      .filter((each) => {
        const name = each.target.startsWith("@")
          ? each.target.split("/").slice(0, 2).join("/")
          : (each.target.split("/")[0] ?? "");
        const row = rows.find((candidate) => candidate.name === each.room);
        return !(row?.packages ?? []).some(
          (entry) => entry === name || (entry === "@fastify/*" && name.startsWith("@fastify/")),
        );
      })
      .map((each) => `${each.file} uses ${each.target}`);
    expect(wrong).toEqual([]);
  });

  test("keeps input and output out of the pure rooms", () => {
    const pure = ["mail", "consent", "content", "policy", "audit", "queue", "feedback", "identity"];
    const forbidden = /^node:(fs|net|tls|dns|http|child_process|worker_threads|process)/;
    const wrong = imports
      .filter((each) => pure.includes(each.room) && forbidden.test(each.target))
      .map((each) => `${each.file} uses ${each.target}`);
    expect(wrong).toEqual([]);
  });
});
