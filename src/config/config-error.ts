// What is wrong with a configuration, by the path of each key: what was found, and what to write instead.

export interface ConfigProblem {
  /** `smtp.listeners[0].port`; empty for the file as a whole. */
  readonly path: string;
  /** What was found, shortened; absent where nothing was. */
  readonly found?: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Thrown by `loadConfig`. Its message lists every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(`${file}:\n${problems.map((problem) => `  ${describe(problem)}`).join("\n")}`, options);
    this.file = file;
    this.problems = problems;
  }
}

function describe(problem: ConfigProblem): string {
  const where = problem.path === "" ? "" : `${problem.path}: `;
  const found = problem.found === undefined ? "" : ` (found ${problem.found})`;
  return `${where}${problem.problem}${found}. ${problem.remedy}`;
}
