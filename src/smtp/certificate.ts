// The gateway's TLS certificate: the operator's files, or a self-signed pair made once and kept.
import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** A self-signed pair: clients that verify will refuse it. */
  readonly selfSigned: boolean;
}

const validDays = 825; // longer-lived certificates are refused by some clients

/**
 * Reads the operator's pair; throws with the files' names where one cannot be read, or they are no pair. OpenSSL takes an
 * empty text for nothing given, and says so to nobody but each client that asks for TLS.
 */
export function readCertificate(files: {
  readonly certFile: string;
  readonly keyFile: string;
}): Certificate {
  const { certFile, keyFile } = files;
  const cert = readFileSync(certFile, "utf8");
  const key = readFileSync(keyFile, "utf8");
  const certificate = named(
    `${certFile} holds no certificate in PEM`,
    () => new X509Certificate(cert),
  );
  const privateKey = named(`${keyFile} holds no private key in PEM without a pass phrase`, () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw new Error(`${keyFile} is not the key of the first certificate in ${certFile}`);
  named(`${certFile} and ${keyFile} cannot serve TLS`, () => createSecureContext({ cert, key }));
  return { cert, key, selfSigned: false };
}

function named<T>(problem: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    throw new Error(`${problem}${why}`, { cause });
  }
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
    // Under their names only once both are whole: a part of one, on a full disk, would stop every later start.
    for (const [file, text] of [
      [keyFile, pair.private],
      [certFile, pair.cert],
    ] as const)
      write(`${file}.new`, text);
    renameSync(`${keyFile}.new`, keyFile);
    renameSync(`${certFile}.new`, certFile);
  }
  return { ...readCertificate({ certFile, keyFile }), selfSigned: true };
}

function write(file: string, text: string): void {
  const handle = openSync(file, "w", 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
