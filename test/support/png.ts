// Reads a PNG picture as browsers write screenshots (RFC 2083): eight bits a sample, RGB or RGBA, not interlaced.
import { inflateSync } from "node:zlib";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Bytes of a pixel: 3 (RGB) or 4 (RGBA). */
  readonly channels: number;
  /** Row by row, without padding. */
  readonly samples: Uint8Array;
}

const signatureBytes = 8;

/** Throws where the file is of another kind, or cut off. Checksums are not looked at. */
export function readPng(file: Buffer): Picture {
  let width = 0;
  let height = 0;
  let channels = 0;
  const packed: Buffer[] = [];
  for (let at = signatureBytes; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const type = file.toString("latin1", at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + file.readUInt32BE(at));
    if (type === "IDAT") packed.push(data);
    if (type !== "IHDR") continue;
    width = data.readUInt32BE(0);
    height = data.readUInt32BE(4);
    const form = data.toString("hex", 8, 13); // depth, colour, compression, filter, interlace
    if (form !== "0802000000" && form !== "0806000000") throw new Error(`PNG of form ${form}`);
    channels = form.startsWith("0802") ? 3 : 4;
  }
  const filtered = inflateSync(Buffer.concat(packed));
  const stride = width * channels;
  if (stride === 0 || filtered.length !== (stride + 1) * height) throw new Error("PNG is cut off");
  return { width, height, channels, samples: unfilter(filtered, stride, channels) };
}

/** Each row begins with the number of its filter (RFC 2083 §6). */
function unfilter(filtered: Buffer, stride: number, channels: number): Uint8Array {
  const samples = new Uint8Array((filtered.length / (stride + 1)) * stride);
  let above = new Uint8Array(stride);
  for (let from = 0, to = 0; from < filtered.length; from += stride + 1, to += stride) {
    const row = samples.subarray(to, to + stride);
    row.set(filtered.subarray(from + 1, from + 1 + stride));
    addPrediction(filtered[from] ?? 0, row, above, channels);
    above = row;
  }
  return samples;
}

function addPrediction(filter: number, row: Uint8Array, above: Uint8Array, channels: number): void {
  if (filter > 4) throw new Error(`PNG filter ${filter}`);
  if (filter === 0) return;
  for (let index = 0; index < row.length; index += 1) {
    const first = index < channels;
    const left = first ? 0 : (row[index - channels] ?? 0);
    const up = above[index] ?? 0;
    const corner = first ? 0 : (above[index - channels] ?? 0);
    const predicted =
      filter === 1
        ? left
        : filter === 2
          ? up
          : filter === 3
            ? (left + up) >> 1
            : paeth(left, up, corner);
    row[index] = (row[index] ?? 0) + predicted;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
