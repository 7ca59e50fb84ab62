// The files that a configuration names, read as a start and a reload read them: what is wrong with one is found before either.
import { accessSync, constants } from "node:fs";

import type { Config } from "../config/config.ts";
import { checkSecrets } from "../config/secrets.ts";
import { paceBounds, readReplyTable } from "../outgoing.ts";
import { readCertificate } from "../smtp/certificate.ts";

export interface UnusableFile {
  /** The setting that names it. */
  readonly path: string;
  readonly cause: unknown;
}

/** Changes nothing: a master key that is made at the first start, or printed by a command, is not looked at. */
export function unusableFiles(config: Config): readonly UnusableFile[] {
  const { smtp, http, delivery, people } = config;
  const checks: readonly (readonly [string, () => unknown])[] = [
    ["smtp.tls", () => smtp.tls && readCertificate(smtp.tls)],
    ["http.tls", () => http.tls && readCertificate(http.tls)],
    ["delivery.shaping_file", () => paceBounds(config)],
    ["delivery.replies_file", () => readReplyTable(delivery.repliesFile)],
    [
      "people.password.breached_file",
      () => people.breachedFile && expectReadable(people.breachedFile),
    ],
    ["master_key", () => checkSecrets(config.masterKeyFile, config.masterKeyCommand)],
  ];
  return checks.flatMap(([path, check]) => {
    try {
      check();
      return [];
    } catch (cause) {
      return [{ path, cause }];
    }
  });
}

function expectReadable(file: string): void {
  accessSync(file, constants.R_OK);
}
