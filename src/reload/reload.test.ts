import { expect, test } from "vitest";

import { createWorkplace } from "../../test/support/gateway-process.ts";
import { loadConfig } from "../config/load.ts";
import { openInForce } from "../in-force.ts";
import { openOffice } from "../office.ts";
import { createReload } from "./reload.ts";

test("what a reload that was under way has put into force is not put into force once more, and not counted", async () => {
  using workplace = createWorkplace("");
  await using office = await openOffice(loadConfig(workplace.configFile), { role: "gateway" });
  const inForce = await openInForce(office);
  const reload = createReload({
    office,
    takers: [],
    inForce,
    afterwards: () => Promise.resolve(),
  });
  let done = false;
  const running = reload.run().then(() => {
    done = true;
  });
  const again = reload.again(() => !done); // seen before the reload had ended
  expect(await again).toBe(true);
  await running;
  expect(reload.counts()).toEqual({ applied: 1, refused: 0 });
  expect(await reload.again(() => true)).toBe(true);
  expect(reload.counts()).toEqual({ applied: 2, refused: 0 });
});
