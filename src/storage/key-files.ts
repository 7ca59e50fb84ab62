// Private signing keys as sealed files under keys_dir: `<domain>/<selector>.key`, for the owner's eyes only.
import { createPrivateKey, createSecretKey, type KeyObject } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import type { Domain } from "../mail/domain.ts";
import { seal, unseal } from "./sealing.ts";

const folderMode = 0o700;
const fileMode = 0o600;
const othersBits = 0o077;
const unrecordedMs = 60_000; // from the file to the row it takes some milliseconds, or seconds on a disk that is busy
const selectorPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/; // one label of RFC 6376 §3.1

export interface KeyFiles {
  /** Durable on return. False where the file exists already: a private half is never overwritten. */
  readonly write: (domain: Domain, selector: string, key: KeyObject) => Promise<boolean>;
  /** Whether the file lies there for a minute or longer: long enough for whoever wrote it to put the key on record. */
  readonly isOld: (domain: Domain, selector: string) => Promise<boolean>;
  /** Throws where the file is missing, swapped or sealed by another master key. */
  readonly read: (domain: Domain, selector: string) => Promise<KeyObject>;
  readonly remove: (domain: Domain, selector: string) => Promise<void>;
}

/** Opens the folder, making it where it is missing; refuses one whose files others can read (threats.md row 85). */
export async function openKeyFiles(folder: string, secret: Buffer): Promise<KeyFiles> {
  await mkdir(folder, { recursive: true, mode: folderMode });
  await refuseReadable(folder);
  const key = createSecretKey(secret);
  const pathOf = (domain: Domain, selector: string): string =>
    join(folder, domain, `${checkSelector(selector)}.key`);
  return {
    write: async (domain, selector, privateKey) => {
      const path = pathOf(domain, selector);
      await mkdir(join(folder, domain), { recursive: true, mode: folderMode });
      const pem = Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" }));
      const isOurs = await writeDurably(path, seal(key, placeOf(domain, selector), pem));
      pem.fill(0);
      if (!isOurs) return false;
      await syncFolder(join(folder, domain));
      await syncFolder(folder);
      return true;
    },
    isOld: async (domain, selector) => {
      const { mtimeMs } = await stat(pathOf(domain, selector));
      return Math.abs(Date.now() - mtimeMs) > unrecordedMs;
    },
    read: async (domain, selector) => {
      const path = pathOf(domain, selector);
      const sealed = await readFile(path).catch((cause: unknown) => {
        if (!isMissing(cause)) throw cause;
        throw new Error(
          `the key file ${path} is missing: put it back from a backup, or make a new key (sekisho keys create --domain ${domain})`,
          { cause },
        );
      });
      let pem: Buffer;
      try {
        pem = unseal(key, placeOf(domain, selector), sealed);
      } catch (cause) {
        throw new Error(
          `the key file of ${selector}._domainkey.${domain} does not open: it was changed or moved, or was sealed with another master key`,
          { cause },
        );
      }
      return createPrivateKey(pem);
    },
    remove: async (domain, selector) => {
      await rm(pathOf(domain, selector), { force: true });
    },
  };
}

/** Throws RangeError where the text cannot be one label in DNS; what passes is safe in a file name. */
export function checkSelector(selector: string): string {
  if (!selectorPattern.test(selector))
    throw new RangeError("a selector has 1–63 of a–z, 0–9 and inner hyphens");
  return selector;
}

function placeOf(domain: Domain, selector: string): string {
  return `dkim/${domain}/${selector}`;
}

async function refuseReadable(folder: string): Promise<void> {
  if (process.platform === "win32") return; // no mode bits there
  const paths = [folder];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    paths.push(join(entry.parentPath, entry.name));
  for (const path of paths) {
    const { mode } = await stat(path);
    if ((mode & othersBits) !== 0)
      throw new Error(`${path} can be read by others than its owner; run: chmod -R go= ${folder}`);
  }
}

/** Under its own name from the first octet, so that of two that make the same selector at once, one is refused. */
async function writeDurably(path: string, content: Buffer): Promise<boolean> {
  const file = await openNew(path);
  if (file === undefined) return false;
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "wx", fileMode);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // a folder cannot be opened there
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
