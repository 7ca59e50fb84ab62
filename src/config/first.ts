// A first configuration file from a few facts: one sender, one newsletter stream, submission on 587 and 465.
import { basename, dirname } from "node:path";

import { stringify } from "yaml";

export interface FirstConfig {
  readonly hostname: string;
  readonly sender: string;
  readonly name: string;
  readonly address?: string;
  readonly contact: readonly string[];
  readonly optOutHost: readonly string[];
  readonly domain: readonly string[];
  readonly publicUrl?: string;
}

/** The text of that file. It is not checked here: read it with `parseConfig` before it is written. */
export function firstConfig(options: FirstConfig, path: string): string {
  // Data lies beside the file, or beside its folder where that is for configuration alone, as in the checkout.
  const home = basename(dirname(path)) === "config" ? ".." : ".";
  const file = {
    version: 1,
    hostname: options.hostname,
    data_dir: `${home}/data`,
    keys_dir: `${home}/keys`,
    smtp: {
      listeners: [
        { host: "0.0.0.0", port: 587, tls: "starttls", auth: "required" },
        { host: "0.0.0.0", port: 465, tls: "implicit", auth: "required" },
      ],
    },
    http: {
      host: "127.0.0.1",
      port: 8080,
      ...(options.publicUrl === undefined ? {} : { public_url: options.publicUrl }),
    },
    senders: [
      {
        id: options.sender,
        legal: {
          names: [options.name],
          addresses: options.address === undefined ? [] : [options.address],
          contacts: options.contact,
          opt_out_hosts: options.optOutHost,
        },
        domains: options.domain,
      },
    ],
    streams: [
      {
        id: "newsletter",
        sender: options.sender,
        class: "marketing",
        topic: "news",
        rules: ["jp"],
        on_violation: "refuse",
      },
    ],
    delivery: { routes: [{ domain: "*", via: "mx" }] },
  };
  return `# Written by sekisho init. Every key: docs/reference/configuration.md\n${stringify(file)}`;
}
