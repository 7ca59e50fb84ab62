// A machine that comes up with a clock of its own: what the log has seen is later.
import { expect, test } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { startGateway } from "../../src/gateway.ts";
import { openOffice } from "../../src/office.ts";
import { createWorkplace } from "../support/gateway-process.ts";

const hour = 3_600_000;

test.each([
  ["later than the clock", 30 * hour, 1],
  ["of now", 0, 0],
])(
  "row 61: a start on a log with events %s",
  async (_name, aheadMs, alarms) => {
    using place = createWorkplace(`
log: { level: error }
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: starttls, auth: required }] }
http: { host: 127.0.0.1, port: 0 }
`);
    const config = loadConfig(place.configFile);
    {
      await using office = await openOffice(config);
      const at = new Date(Date.now() + aheadMs);
      await office.storage.audit.append([{ type: "Refusal", at, detail: { phase: "mail" } }]);
    }
    await using gateway = await startGateway(config);
    const { audit } = gateway.office.storage;
    const found = async (): Promise<readonly unknown[]> =>
      (await audit.search({ types: ["Alarm"], limit: 10 })).items.map(
        ({ detail }) => detail?.["change"],
      );
    await expect.poll(found).toEqual(Array.from({ length: alarms }, () => "clock-behind"));
  },
  60_000,
);
