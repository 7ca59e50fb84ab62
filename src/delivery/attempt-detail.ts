// What one attempt leaves in the record beside the reply: phase, host, TLS evidence.
import type { Detail } from "../audit/event.ts";
import type { Connection } from "./connect.ts";
import type { NoHost, Transaction } from "./outcome.ts";
import { unproven } from "./tls-evidence.ts";

export function resultDetail(result: Transaction | NoHost): Detail {
  switch (result.kind) {
    case "refused":
      return { phase: result.phase };
    case "lost":
      return { phase: result.phase, problem: result.problem };
    case "unreachable": {
      const last = result.failures.at(-1);
      return {
        phase: last?.phase,
        remoteHost: last?.host,
        failures: result.failures.map(({ host, phase, problem }) => `${host} ${phase}: ${problem}`),
        ...(last?.tls === undefined ? {} : tlsDetail(last.tls)),
      };
    }
    case "accepted":
    case "unfit":
    case "no-route":
    case "insecure":
    case "busy":
      return {};
  }
}

/** What an attempt that got as far as a host went over. */
export interface Used {
  readonly connection: Connection;
  readonly reused: boolean;
  readonly signedBy: readonly string[];
}

export function connectionDetail({ connection, reused, signedBy }: Used): Detail {
  const { host, address, tls } = connection;
  return {
    ...tlsDetail(tls),
    remoteHost: host.name,
    remoteAddress: address,
    remotePort: host.port,
    reused,
    dkimKeys: signedBy,
  };
}

function tlsDetail(tls: Connection["tls"]): Detail {
  return {
    tlsPolicy: tls.policy,
    tlsProtocol: tls.protocol,
    tlsCipher: tls.cipher,
    tlsVerified: unproven(tls) === undefined,
    certificateSubject: tls.subject,
    certificateIssuer: tls.issuer,
    certificateFingerprint: tls.fingerprint,
    certificateNotBefore: tls.notBefore,
    certificateNotAfter: tls.notAfter,
    ...(tls.invalid === undefined ? {} : { tlsInvalid: tls.invalid }),
    ...(tls.daneInvalid === undefined ? {} : { daneInvalid: tls.daneInvalid }),
  };
}
