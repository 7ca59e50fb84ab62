// Passwords as they are stored: argon2id (RFC 9106), off the main thread, a bounded number at once.
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";

/** RFC 9106 §4 and OWASP: 19 MiB, two passes, one lane: about 30 ms. */
const standard = { memoryKibibytes: 19_456, passes: 2, lanes: 1 } as const;
const tagBytes = 32;
const saltBytes = 16;
const atOnceMax = 1; // of libuv's threads (two where there are two cores), so that mail is signed meanwhile
const waitingMax = 100; // logins that wait for a turn; beyond it the server says so
const storedPattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/** Too many logins wait. */
export class PasswordsBusy extends Error {
  override readonly name = "PasswordsBusy";
}

/** Resolves to `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. Rejects with PasswordsBusy. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const tag = await derive(password, salt, standard);
  const { memoryKibibytes: m, passes: t, lanes: p } = standard;
  return `$argon2id$v=19$m=${m},t=${t},p=${p}$${encode(salt)}$${encode(tag)}`;
}

/**
 * Whether the password is the one stored. `stored` undefined (no such user, no password) costs the same time and is
 * false. Rejects with PasswordsBusy.
 */
export async function verifyPassword(
  stored: string | undefined,
  password: string,
): Promise<boolean> {
  const match = storedPattern.exec(stored ?? "");
  const [, , , , salt = "", tag = ""] = match ?? [];
  const salted = Buffer.from(salt.padEnd(22, "A"), "base64");
  const derived = await derive(password, salted, passwordCost(stored));
  const expected = Buffer.from(tag.padEnd(43, "A"), "base64");
  return timingSafeEqual(derived, expected) && match !== null;
}

/** What it takes to verify a password against this; against nothing: what a password that is set today takes. */
export function passwordCost(stored: string | undefined): Cost {
  const [, m, t, p] = storedPattern.exec(stored ?? "") ?? [];
  return m === undefined
    ? standard
    : { memoryKibibytes: Number(m), passes: Number(t), lanes: Number(p) };
}

interface Cost {
  readonly memoryKibibytes: number;
  readonly passes: number;
  readonly lanes: number;
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  if (running >= atOnceMax) {
    if (waiting.length >= waitingMax) throw new PasswordsBusy("too many logins at once");
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  } else running += 1;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      argon2(
        "argon2id",
        {
          // One form for one password, whichever keyboard it was typed on (RFC 8265 §4.2).
          message: password.normalize("NFC"),
          nonce: salt,
          memory: cost.memoryKibibytes,
          passes: cost.passes,
          parallelism: cost.lanes,
          tagLength: tagBytes,
        },
        (error, tag) => {
          if (error === null) resolve(tag);
          else reject(error);
        },
      );
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next(); // The turn is handed on.
  }
}

function encode(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
