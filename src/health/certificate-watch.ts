// Notices that a TLS certificate which clients are shown ends soon, or has ended: whoever renews it has failed quietly.
import { X509Certificate } from "node:crypto";

const lookMs = 60_000; // a reload may have brought another
const dayMs = 86_400_000;
const soonMs = 14 * dayMs; // what renews certificates does so a month before, as a rule
const soonShare = 0.25; // of its life, where that is shorter: some live for days only

export interface ShownCertificate {
  /** The setting that it comes by. */
  readonly setting: "smtp.tls" | "http.tls";
  /** PEM; the first certificate in it counts. */
  readonly cert: string;
}

export interface CertificateWatchParts {
  /** What new connections see now. */
  readonly shown: () => readonly ShownCertificate[];
  readonly wall: () => number;
  /** Told once a day of each certificate. Not awaited; must not throw. */
  readonly ending: (setting: ShownCertificate["setting"], end: Date) => void;
}

export interface CertificateWatch extends Disposable {
  readonly look: () => void;
}

/** Looks once at its start, then each minute. */
export function watchCertificates(parts: CertificateWatchParts): CertificateWatch {
  const told = new Map<string, { readonly fingerprint: string; readonly at: number }>();
  const look = (): void => {
    const now = parts.wall();
    for (const { setting, cert } of parts.shown()) {
      const {
        validFromDate,
        validToDate: end,
        fingerprint256: fingerprint,
      } = new X509Certificate(cert);
      const soon = Math.min(soonMs, (end.getTime() - validFromDate.getTime()) * soonShare);
      const last = told.get(setting);
      // A clock that was set back is no reason to be silent until it has caught up.
      const isTold = last?.fingerprint === fingerprint && Math.abs(now - last.at) < dayMs;
      if (end.getTime() - now >= soon || isTold) continue;
      told.set(setting, { fingerprint, at: now });
      parts.ending(setting, end);
    }
  };
  look();
  const timer = setInterval(look, lookMs).unref();
  return {
    look,
    [Symbol.dispose]: () => {
      clearInterval(timer);
    },
  };
}
