// sekisho explain: what would become of a message and why, told to whoever writes it. Sends and stores nothing.
import { closeSync, openSync, readSync } from "node:fs";

import type { Command } from "commander";

import type { Config } from "../config/config.ts";
import { gatewayHosts } from "../config/gateway-hosts.ts";
import { createTokens } from "../consent/token.ts";
import { createResolver } from "../dns/resolver.ts";
import { specimenLink } from "../feedback/opt-out-link.ts";
import { examine, withCrlf, type ExamineParts, type ExamineRequest } from "../intake/examine.ts";
import { parseAddress, type Address } from "../mail/address.ts";
import { createPages, type Pages } from "../pages/pages.ts";
import { createToReply } from "../smtp/answer.ts";
import { languageArgument } from "./arguments.ts";
import { renderExplanation } from "./explanation.ts";
import { configOf, withOffice } from "./office.ts";
import { print, Refused, tell, Usage } from "./output.ts";

interface Options {
  readonly stream: string;
  readonly to?: string;
  readonly lang?: string;
  readonly check?: boolean;
}

export function register(program: Command): void {
  program
    .command("explain")
    .description("say what would become of messages and why; nothing is sent or stored")
    .argument("<file...>", "messages as the mail tool makes them (.eml)")
    .requiredOption("--stream <id>", "the stream that they would be sent by")
    .option("--to <address>", "look up this recipient's consent too")
    .option("--lang <ja|en>", "language of evidence and remedies (default: that of the terminal)")
    .option("--check", "exit with 1 unless every message would be accepted")
    .action(async (files: readonly string[], options: Options, command: Command) => {
      const asJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
      const config = configOf(command);
      const request = readRequest(config, options);
      await using pages = readPages(config);
      const run = (papers: Papers = {}): Promise<Count> =>
        explainFiles(files, { ...toParts(config), pages, ...papers }, request, asJson);
      const { unreadable, stopped } =
        options.to === undefined
          ? await run()
          : await withOffice(command, ({ storage, indexer, secrets }) => {
              const tokens = createTokens(secrets.token);
              return run({
                papers: { ledger: storage.ledger, indexer },
                tokenSubject: (token) => tokens.read(token, [])?.subject,
              });
            });
      if (unreadable > 0)
        throw new Refused(`${unreadable} of ${files.length} files cannot be read`);
      if (options.check === true && stopped > 0) throw new Refused("");
    });
}

interface Count {
  readonly unreadable: number;
  readonly stopped: number;
}

async function explainFiles(
  files: readonly string[],
  parts: ExamineParts,
  request: ExamineRequest,
  asJson: boolean,
): Promise<Count> {
  let unreadable = 0;
  let stopped = 0;
  for (const file of files) {
    const content = read(file, parts.maxMessageBytes);
    if (content === undefined) {
      unreadable += 1;
      continue;
    }
    const explanation = await examine(parts, withCrlf(content), request);
    if (explanation.decision !== "accept") stopped += 1;
    if (asJson) print({ file, ...explanation });
    else {
      const look = { language: request.language, colour: process.stdout.isTTY };
      process.stdout.write(renderExplanation(file, explanation, look));
    }
  }
  return { unreadable, stopped };
}

function readRequest(config: Config, options: Options): ExamineRequest {
  const stream = config.streams.find((known) => known.id === options.stream);
  if (stream === undefined) {
    const known = config.streams.map(({ id }) => id).join(", ");
    throw new Usage(`--stream ${options.stream} is not in the configuration; known: ${known}`);
  }
  const language = languageArgument(options.lang);
  const to = readRecipient(options.to);
  return to === undefined ? { stream, language } : { stream, language, to };
}

function readRecipient(to: string | undefined): Address | undefined {
  if (to === undefined) return undefined;
  const address = parseAddress(to);
  if (address.kind === "bad") throw new Usage(`--to ${to} ${address.problem}`);
  return address.value;
}

/** What needs the office: the ledger, and the secret that opt-out links are made with. */
type Papers = Pick<ExamineParts, "papers" | "tokenSubject">;

/** Pages of the sender are read as intake reads them; nothing is asked where the sender does not want that. */
function readPages(config: Config): Pages {
  const { servers, timeoutMs } = config.dns;
  return createPages({
    settings: config.pages,
    resolver: createResolver({ servers, timeoutMs }),
    log: { info: () => undefined, warn: () => undefined }, // the findings say it
  });
}

function toParts(config: Config): ExamineParts {
  const { publicUrl } = config.http;
  return {
    hostname: config.hostname,
    gatewayHosts: gatewayHosts(config),
    ...(publicUrl === undefined ? {} : { optOutLink: specimenLink(publicUrl) }),
    maxMessageBytes: config.smtp.maxMessageBytes,
    clock: () => new Date(),
    toReply: createToReply(publicUrl),
  };
}

const growthMaxFactor = 2; // a file of LF line ends grows by its line count when it is read as SMTP carries it

function read(file: string, maxBytes: number): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const chunks: Buffer[] = [];
    let length = 0;
    while (length <= maxBytes * growthMaxFactor) {
      const chunk = Buffer.alloc(65_536);
      const count = readSync(descriptor, chunk, 0, chunk.length, null);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      length += count;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    tell(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
