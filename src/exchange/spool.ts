// Keeps the judged rows of an import until all are known to be good, and gives them back in the order of their keys.
//
// A table of ten million rows does not fit into memory, and must not be stored before its last row was judged. Judging it
// twice costs as much again. The rows' keys are spread evenly, so rows stored in the file's order would each dirty a page
// of the ledger's index; in the order of keys many share one. Hence: rows go into 256 buckets by key, buckets that grow
// too large go into one file, sealed with a key that only this process has, and are sorted one by one at the end.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const bucketCount = 256; // by the key's first octet: each some 5 MB at ten million rows
const bucketOctets = 32 * 1024; // of each bucket kept in memory, 8 MB in all, outside the garbage collector's care
const keyOctets = 16;
const lengthOctets = 4; // before each row
const blockOctets = 16; // of AES

export interface Spool extends AsyncDisposable {
  /** The first 16 octets of `row`, spread evenly, are its key. A promise: wait for room. Afterwards `row` may be reused. */
  readonly add: (row: Uint8Array) => Promise<void> | undefined;
  /** All rows in the order of their keys; rows of one key in the order in which they were added. */
  readonly rows: () => AsyncGenerator<readonly Uint8Array[]>;
}

interface Bucket {
  readonly buffer: Buffer;
  filled: number;
  readonly extents: { readonly start: number; readonly octets: number }[];
}

export function createSpool(): Spool {
  const buckets: (Bucket | undefined)[] = Array.from({ length: bucketCount }, () => undefined);
  const file = createSealedFile();

  const keep = async (bucket: Bucket, plain: Buffer): Promise<void> => {
    bucket.extents.push({ start: await file.append(plain), octets: plain.length });
  };
  const spill = async (bucket: Bucket, row: Uint8Array): Promise<void> => {
    const { filled } = bucket;
    bucket.filled = 0;
    if (filled > 0) await keep(bucket, bucket.buffer.subarray(0, filled));
    if (!put(bucket, row)) await keep(bucket, framed(row));
  };
  return {
    add: (row) => {
      const place = row[0] ?? 0;
      const bucket = (buckets[place] ??= newBucket());
      return put(bucket, row) ? undefined : spill(bucket, row);
    },
    rows: async function* () {
      for (const [place, bucket] of buckets.entries()) {
        if (bucket === undefined) continue;
        buckets[place] = undefined;
        const { buffer, filled, extents } = bucket;
        const parts: Buffer[] = [];
        for (const { start, octets } of extents) parts.push(await file.read(start, octets));
        yield sortByKey(Buffer.concat([...parts, buffer.subarray(0, filled)]));
      }
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

function newBucket(): Bucket {
  return { buffer: Buffer.allocUnsafeSlow(bucketOctets), filled: 0, extents: [] };
}

/** Whether the row found room. */
function put(bucket: Bucket, row: Uint8Array): boolean {
  const { buffer, filled } = bucket;
  if (filled + lengthOctets + row.length > bucketOctets) return false;
  buffer.writeUInt32LE(row.length, filled);
  buffer.set(row, filled + lengthOctets);
  bucket.filled = filled + lengthOctets + row.length;
  return true;
}

function framed(row: Uint8Array): Buffer {
  const frame = Buffer.alloc(lengthOctets + row.length);
  frame.writeUInt32LE(row.length);
  frame.set(row, lengthOctets);
  return frame;
}

/** By the key's first 48 bits, which a number holds, and only where two have the same by all of it. */
function sortByKey(octets: Buffer): readonly Buffer[] {
  const rows: { readonly key: number; readonly row: Buffer }[] = [];
  for (let start = 0; start < octets.length;) {
    const first = start + lengthOctets;
    const end = first + octets.readUInt32LE(start);
    rows.push({ key: octets.readUIntBE(first, 6), row: octets.subarray(first, end) });
    start = end;
  }
  rows.sort((left, right) =>
    left.key === right.key ? compareKeys(left.row, right.row) : left.key - right.key,
  );
  return rows.map(({ row }) => row);
}

function compareKeys(left: Buffer, right: Buffer): number {
  return left.compare(right, 0, keyOctets, 0, keyOctets);
}

interface SealedFile extends AsyncDisposable {
  /** Where the octets stand. */
  readonly append: (plain: Buffer) => Promise<number>;
  readonly read: (start: number, octets: number) => Promise<Buffer>;
}

/** Made at the first write, without a name where the system allows it, and noise to whoever finds it after a crash. */
function createSealedFile(): SealedFile {
  const key = randomBytes(32);
  let opened: { readonly file: FileHandle; readonly folder: string } | undefined;
  let end = 0;
  /** AES-CTR counts blocks from the file's start: no block of the key stream is used twice. */
  const counter = (start: number): Buffer => {
    const iv = Buffer.alloc(blockOctets);
    iv.writeBigUInt64BE(BigInt(start / blockOctets), 8);
    return iv;
  };
  return {
    append: async (plain) => {
      opened ??= await openNameless();
      const start = end;
      end += Math.ceil(plain.length / blockOctets) * blockOctets;
      await opened.file.write(
        createCipheriv("aes-256-ctr", key, counter(start)).update(plain),
        0,
        plain.length,
        start,
      );
      return start;
    },
    read: async (start, octets) => {
      const sealed = Buffer.alloc(octets);
      const { bytesRead } = (await opened?.file.read(sealed, 0, octets, start)) ?? { bytesRead: 0 };
      if (bytesRead !== octets) throw new Error("the import's temporary file was cut");
      return createDecipheriv("aes-256-ctr", key, counter(start)).update(sealed);
    },
    [Symbol.asyncDispose]: async () => {
      await opened?.file.close();
      if (opened !== undefined) await rm(opened.folder, { recursive: true, force: true });
    },
  };
}

async function openNameless(): Promise<{ readonly file: FileHandle; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sekisho-import-"));
  const path = join(folder, "rows");
  const file = await open(path, "wx+", 0o600);
  if (process.platform !== "win32") await rm(path);
  return { file, folder };
}
