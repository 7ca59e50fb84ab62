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

const bucketDigits = 2; // of the hexadecimal key: 256 buckets, each some 5 MB at ten million rows
const bucketOctets = 32 * 1024; // of each bucket kept in memory, 8 MB in all, outside the garbage collector's care
const blockOctets = 16; // of AES

export interface Spool extends AsyncDisposable {
  /** `line` begins with `keyCharacters` hexadecimal digits, its key, and holds no line feed. A promise: wait for room. */
  readonly add: (line: string) => Promise<void> | undefined;
  /** All lines in the order of their keys; lines of one key in the order in which they were added. */
  readonly lines: () => AsyncGenerator<readonly string[]>;
}

interface Bucket {
  readonly buffer: Buffer;
  filled: number;
  readonly extents: { readonly start: number; readonly octets: number }[];
}

export function createSpool(keyCharacters: number): Spool {
  const buckets = new Map<string, Bucket>();
  const file = createSealedFile();

  const keep = async (bucket: Bucket, plain: Buffer): Promise<void> => {
    bucket.extents.push({ start: await file.append(plain), octets: plain.length });
  };
  const spill = async (bucket: Bucket, line: string): Promise<void> => {
    const { filled } = bucket;
    bucket.filled = 0;
    if (filled > 0) await keep(bucket, bucket.buffer.subarray(0, filled));
    if (put(bucket, line)) return;
    await keep(bucket, Buffer.from(`${line}\n`));
  };
  return {
    add: (line) => {
      const name = line.slice(0, bucketDigits);
      let bucket = buckets.get(name);
      if (bucket === undefined) {
        bucket = { buffer: Buffer.allocUnsafeSlow(bucketOctets), filled: 0, extents: [] };
        buckets.set(name, bucket);
      }
      return put(bucket, line) ? undefined : spill(bucket, line);
    },
    lines: async function* () {
      for (const [name, { buffer, filled, extents }] of [...buckets].toSorted(byName)) {
        buckets.delete(name);
        const parts: Buffer[] = [];
        for (const { start, octets } of extents) parts.push(await file.read(start, octets));
        const text = Buffer.concat([...parts, buffer.subarray(0, filled)]).toString();
        yield sortByKey(text.slice(0, -1).split("\n"), keyCharacters);
      }
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

/** Whether the line found room. */
function put(bucket: Bucket, line: string): boolean {
  const { buffer, filled } = bucket;
  if (filled + line.length * 3 + 1 > bucketOctets) return false; // UTF-8 takes three octets a unit at most
  const end = filled + buffer.write(line, filled);
  buffer[end] = 0x0a;
  bucket.filled = end + 1;
  return true;
}

function sortByKey(lines: readonly string[], keyCharacters: number): readonly string[] {
  return lines
    .map((line) => ({ key: line.slice(0, keyCharacters), line }))
    .toSorted((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
    .map(({ line }) => line);
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
