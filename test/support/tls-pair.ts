// Certificates for tests: an authority, and pairs that it or nobody signed. X.509 (RFC 5280) written by hand: a test
// wants expired and wrong names as well, in a moment and without another library.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

export interface TlsPair {
  readonly key: string;
  readonly cert: string;
}

export interface TestAuthority {
  /** PEM, to be trusted. */
  readonly cert: string;
  /** A pair for `names` (host names or IPv4 addresses), signed by this authority. `expired`: valid until yesterday. */
  readonly issue: (names: readonly string[], options?: { readonly expired?: boolean }) => TlsPair;
}

const dayMs = 86_400_000;

/** A pair that signed itself. */
export function makeSelfSigned(names: readonly string[]): TlsPair {
  const { publicKey, privateKey } = newKeys();
  const name = names[0] ?? "test";
  return {
    key: pem(privateKey),
    cert: certificate({ names, publicKey, subject: name, issuer: name, signer: privateKey }),
  };
}

export function makeAuthority(): TestAuthority {
  const issuer = "Test Authority";
  const root = newKeys();
  const cert = certificate({
    names: [],
    publicKey: root.publicKey,
    subject: issuer,
    issuer,
    signer: root.privateKey,
    authority: true,
  });
  return {
    cert,
    issue: (names, { expired = false } = {}) => {
      const { publicKey, privateKey } = newKeys();
      const subject = names[0] ?? "test";
      return {
        key: pem(privateKey),
        cert: certificate({ names, publicKey, subject, issuer, signer: root.privateKey, expired }),
      };
    },
  };
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function certificate(facts: {
  readonly names: readonly string[];
  readonly publicKey: KeyObject;
  readonly subject: string;
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly authority?: boolean;
  readonly expired?: boolean;
}): string {
  const now = Date.now();
  const algorithm = sequence(oid("2a8648ce3d040302")); // ecdsa-with-SHA256
  const extensions = [
    ...(facts.authority === true
      ? [extension("551d13", sequence(der(0x01, Buffer.from([255]))), true)]
      : []),
    ...(facts.names.length > 0 ? [extension("551d11", sequence(...facts.names.map(altName)))] : []),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    commonName(facts.issuer),
    sequence(
      utcTime(now - 10 * dayMs),
      utcTime(facts.expired === true ? now - dayMs : now + 10 * dayMs),
    ),
    commonName(facts.subject),
    facts.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, facts.signer);
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function altName(name: string): Buffer {
  return /^\d+(\.\d+){3}$/.test(name)
    ? der(0x87, Buffer.from(name.split(".").map(Number)))
    : der(0x82, Buffer.from(name));
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(name)))));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [der(0x01, Buffer.from([255]))] : []), der(0x04, value));
}

function utcTime(time: number): Buffer {
  const text = new Date(time).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function sequence(...items: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(items));
}

function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), value]);
}
