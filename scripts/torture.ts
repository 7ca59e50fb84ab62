// npm run torture: kills a gateway at random under load, round after round, and checks the balance of all its mail.
//   node scripts/torture.ts [--rounds 50] [--seed N]
import { parseArgs } from "node:util";

import { killRounds } from "../test/support/kill-rounds.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "50" }, seed: { type: "string" } },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
console.log(`seed ${seed}, ${rounds} rounds`);
const balance = await killRounds({
  rounds,
  seed,
  progress: (round, acknowledged) => {
    if (round % 10 === 0) console.log(`round ${round}: ${acknowledged} acknowledged`);
  },
});
console.log(JSON.stringify(balance));
const good =
  balance.missing.length === 0 &&
  balance.doubled <= balance.uncertain &&
  balance.audit === "intact" &&
  balance.states["delivered"] === balance.received;
if (!good) {
  console.error(`the balance is wrong; again with: npm run torture -- --seed ${seed}`);
  process.exitCode = 1;
}
