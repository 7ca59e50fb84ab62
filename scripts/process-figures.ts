// What a process has used, as Linux tells it: peak of resident memory, processor time by thread, octets from the disk.
import { generateKeyPairSync, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

const tickMicroseconds = 10_000; // USER_HZ is 100 on every Linux that Node runs on

export interface ProcessFigures {
  readonly peakKilobytes: number;
  /** Microseconds by name of thread; those of one name together. */
  readonly cpu: ReadonlyMap<string, number>;
}

/** Undefined where there is no such process any more, or the system tells nothing. */
export function figuresOf(pid: number): ProcessFigures | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const cpu = new Map<string, number>();
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
      const name = text.slice(text.indexOf("(") + 1, text.lastIndexOf(")"));
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      const ticks = Number(fields[11]) + Number(fields[12]);
      cpu.set(name, (cpu.get(name) ?? 0) + ticks * tickMicroseconds);
    }
    const peak = /VmHWM:\s+(\d+)/.exec(status)?.[1];
    // One that has just ended is still listed, without its memory and threads.
    return peak === undefined ? undefined : { peakKilobytes: Number(peak), cpu };
  } catch {
    return undefined;
  }
}

/** Milliseconds of processor time between two looks, by name of thread. */
export function cpuBetween(
  earlier: ProcessFigures | undefined,
  later: ProcessFigures | undefined,
): ReadonlyMap<string, number> {
  return new Map(
    [...(later?.cpu ?? [])].map(([name, us]) => [
      name,
      (us - (earlier?.cpu.get(name) ?? 0)) / 1000,
    ]),
  );
}

/** The later figures, with threads that have ended since the earlier ones. */
export function latest(
  earlier: ProcessFigures | undefined,
  later: ProcessFigures | undefined,
): ProcessFigures | undefined {
  if (earlier === undefined || later === undefined) return later ?? earlier;
  return { ...later, cpu: new Map([...earlier.cpu, ...later.cpu]) };
}

/** Octets that this process has had the disk read for it: what was not in the system's memory. NaN where that is not told. */
export function diskOctets(): number {
  try {
    return Number(/^read_bytes: (\d+)/m.exec(readFileSync("/proc/self/io", "latin1"))?.[1]);
  } catch {
    return NaN;
  }
}

/** Processor time of one RSA-2048 signature, in microseconds: tells how quick the machine is just now. */
export function signatureMicroseconds(): number {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const text = Buffer.alloc(100);
  const times = 200;
  const before = process.cpuUsage();
  for (let n = 0; n < times; n += 1) sign("sha256", text, privateKey);
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / times);
}
