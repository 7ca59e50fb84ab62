// Composes what watches over the process itself: its event loop, the machine's clock, the clock of its files,
// its certificates.
import type { Detail } from "./audit/event.ts";
import {
  watchCertificates,
  type CertificateWatch,
  type ShownCertificate,
} from "./health/certificate-watch.ts";
import { fileClockSkew, watchClock } from "./health/clock-watch.ts";
import { watchLoop, type LoopWatch } from "./health/loop-watch.ts";
import type { Office } from "./office.ts";

const behindMaxMs = 60_000; // what a time server takes back without a word
const lastEvents = 100; // the newest of these may be this start's own

export function keepVigil(office: Office): { readonly loop: LoopWatch } & Disposable {
  const { config, clock, log } = office;
  const wall = (): number => clock().getTime();
  const skewMs = fileClockSkew(config.dataDir, wall);
  if (skewMs !== undefined)
    log.warn(
      { skewMs },
      "files in the data directory get times of another clock than this machine's",
    );
  void compareWithLog(office);
  const loop = watchLoop({
    alarm: (delayMs) => {
      log.error({ delayMs }, "the event loop was held up: clients are answered late");
      void alarm(office, { change: "loop-late", delayMs });
    },
  });
  const watch = watchClock({
    wall,
    monotonic: () => performance.now(),
    stepped: (stepMs) => {
      log.error({ stepMs }, "the clock was set: mail that waits goes by the new time");
      void alarm(office, { change: "clock-step", stepMs });
    },
  });
  return {
    loop,
    [Symbol.dispose]: () => {
      loop[Symbol.dispose]();
      watch[Symbol.dispose]();
    },
  };
}

/**
 * A machine may start with a clock of years ago (a dead battery, no time server yet): the audit log knows better. Never
 * rejects.
 */
async function compareWithLog(office: Office): Promise<void> {
  const { storage, clock, log } = office;
  try {
    const { items } = await storage.audit.search({ newestFirst: true, limit: lastEvents });
    const behindMs = Math.max(...items.map(({ at }) => at.getTime())) - clock().getTime();
    if (behindMs <= behindMaxMs) return;
    log.error({ behindMs }, "the audit log has events that are later than the clock: is it right?");
    void alarm(office, { change: "clock-behind", behindMs });
  } catch (cause) {
    log.error({ err: cause }, "the clock could not be compared with the audit log");
  }
}

/** The certificates that new connections see: renewed or not, somebody has to be told before clients refuse them. */
export function keepCertificates(
  office: Office,
  shown: () => readonly ShownCertificate[],
): CertificateWatch {
  const { clock, log } = office;
  return watchCertificates({
    shown,
    wall: () => clock().getTime(),
    ending: (setting, end) => {
      const notAfter = end.toISOString();
      log.error(
        { setting, notAfter },
        "a TLS certificate ends soon or has ended: renew its file, and reload",
      );
      void alarm(office, { change: "certificate-ends", setting, notAfter });
    },
  });
}

/** Never rejects. */
async function alarm({ storage, clock, log }: Office, detail: Detail): Promise<void> {
  try {
    await storage.audit.append([{ type: "Alarm", at: clock(), actor: "gateway", detail }]);
  } catch (cause) {
    log.error({ err: cause }, "alarm not recorded");
  }
}
