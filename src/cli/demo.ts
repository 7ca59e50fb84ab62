// sekisho demo: the main job on real SMTP, on this machine, in under a minute; exit 0 only if all is as it should be.
import { join } from "node:path";

import type { Command } from "commander";

import { parseConfig } from "../config/load.ts";
import { demonstrationConfig, runDemonstration, temporaryFolder } from "../demo/run.ts";
import { startReceiver } from "../demo/receiver.ts";
import { startGateway, type Gateway } from "../gateway.ts";
import { createCredential } from "../identity/issue.ts";
import { selfSignedCertificate } from "../smtp/certificate.ts";
import { Refused, tell } from "./output.ts";

export function register(program: Command): void {
  program
    .command("demo")
    .description(
      "start gateway and receiver on loopback, show each decision on real SMTP, end in a balance",
    )
    .action(async () => {
      using folder = temporaryFolder();
      await using receiver = await startReceiver(
        await selfSignedCertificate(join(folder.path, "receiver"), "receiver.example.com"),
      );
      const config = demonstrationConfig(parseConfig, folder.path, receiver.port);
      await using gateway = await startGateway(config);
      const submissionPort = gateway.smtpPorts[0] ?? 0;
      tell(
        `Gateway on 127.0.0.1:${submissionPort} (STARTTLS, AUTH); receiver on 127.0.0.1:${receiver.port} (STARTTLS).`,
      );
      const good = await runDemonstration({
        office: gateway.office,
        submissionPort,
        receiver,
        credentials: {
          newsletter: await credential(gateway, "newsletter"),
          campaign: await credential(gateway, "campaign"),
        },
        tell,
      });
      if (!good) throw new Refused("\nThe demonstration did not go as it should.");
      tell("\nAll as it should be.");
    });
}

async function credential(
  gateway: Gateway,
  stream: string,
): Promise<{ readonly username: string; readonly password: string }> {
  const { storage, clock } = gateway.office;
  const now = clock();
  const issued = createCredential({ stream, name: "demo", now });
  await storage.credentials.save(issued.credential, "create", { actor: "demo", at: now });
  return { username: issued.credential.username, password: issued.password };
}
