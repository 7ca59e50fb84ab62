// sekisho explain-reply: says which class a remote's reply falls into, and which rule of which table decided.
import { Option, type Command } from "commander";

import { isSmtpPhase, smtpPhases } from "../feedback/reply-rules.ts";
import { parseReply } from "../mail/reply.ts";
import { print, Usage } from "./output.ts";
import { replyTableOf } from "./reply-classifier.ts";

export function register(program: Command): void {
  program
    .command("explain-reply")
    .description("say what a remote's reply means and what follows from it")
    .argument("<reply>", 'the reply as it came: "550 5.1.1 User unknown"')
    .addOption(new Option("--phase <phase>", "at which command it came").choices(smtpPhases))
    .option("--host <name>", "recipient's domain or remote host: some mean other things by it")
    .action(
      (
        text: string,
        options: { readonly phase?: string; readonly host?: string },
        command: Command,
      ) => {
        const reply = parseReply(text);
        if (reply === undefined)
          throw new Usage(`"${text}" does not begin with a reply code of three digits`);
        const { phase, host } = options;
        const table = replyTableOf(command);
        const outcome = table.classifier.classify({
          text: reply.text,
          code: reply.code,
          ...(reply.enhanced === undefined ? {} : { enhanced: reply.enhanced }),
          ...(phase !== undefined && isSmtpPhase(phase) ? { phase } : {}),
          ...(host === undefined ? {} : { hosts: [host] }),
        });
        const answer = {
          code: reply.code,
          enhanced: reply.enhanced ?? null,
          phase: phase ?? null,
          reason: outcome.reason,
          permanent: outcome.permanent,
          pace: outcome.pace,
          by: outcome.by,
          rule: outcome.rule ?? null,
          table: table.file,
        };
        if (command.optsWithGlobals<{ json?: boolean }>().json === true) print(answer);
        else {
          const lasting = outcome.permanent ? "permanent: the address is dead" : "not permanent";
          process.stdout.write(`${outcome.reason} (${lasting})\n`);
          process.stdout.write(`pace towards this receiver: ${outcome.pace}\n`);
          process.stdout.write(
            outcome.rule === undefined
              ? `decided by ${outcome.by === "nothing" ? "nothing: neither words nor codes are known" : `its ${outcome.by} code`}\n`
              : `decided by its words, as in: ${outcome.rule}\n`,
          );
          process.stdout.write(`table: ${table.file}\n`);
        }
      },
    );
}
