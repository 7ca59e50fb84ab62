// The gateway's TLS certificate: the operator's files, or a self-signed pair made once and kept.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** A self-signed pair: clients that verify will refuse it. */
  readonly selfSigned: boolean;
}

const validDays = 825; // longer-lived certificates are refused by some clients

/** Reads the operator's pair; throws with the file's name where one cannot be read. */
export function readCertificate(files: {
  readonly certFile: string;
  readonly keyFile: string;
}): Certificate {
  return {
    cert: readFileSync(files.certFile, "utf8"),
    key: readFileSync(files.keyFile, "utf8"),
    selfSigned: false,
  };
}

/** The self-signed pair under `folder`, made (P-256, mode 0600) where there is none. */
export async function selfSignedCertificate(
  folder: string,
  hostname: string,
): Promise<Certificate> {
  const certFile = join(folder, "tls.crt");
  const keyFile = join(folder, "tls.key");
  if (!existsSync(certFile) || !existsSync(keyFile)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { generate } = await import("selfsigned"); // more than 200 files, for one start in a gateway's life
    const now = new Date();
    const pair = await generate([{ name: "commonName", value: hostname }], {
      keyType: "ec",
      curve: "P-256",
      notBeforeDate: now,
      notAfterDate: new Date(now.getTime() + validDays * 86_400_000),
      extensions: [
        { name: "basicConstraints", cA: false },
        { name: "subjectAltName", altNames: [{ type: 2, value: hostname }] },
      ],
    });
    write(keyFile, pair.private);
    write(certFile, pair.cert);
  }
  return { ...readCertificate({ certFile, keyFile }), selfSigned: true };
}

function write(file: string, text: string): void {
  const handle = openSync(file, "w", 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
