import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';

export type Picture = {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly (readonly number[])[];
};

/** The Paeth predictor: https://www.w3.org/TR/png-3/#9Filter-type-4-Paeth */
function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [byLeft, byUp, byCorner] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

/** Reads an 8-bit RGB or RGBA PNG that is not interlaced. */
export function readPng(file: Buffer): Picture {
  assert.equal(file.subarray(1, 4).toString(), 'PNG');
  const [width, height, depth, colour] = [file.readUInt32BE(16), file.readUInt32BE(20), file[24], file[25]];
  assert.equal(depth, 8);
  const channels = colour === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at) + 12) {
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const bytes = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x >= channels ? (bytes[at - channels] ?? 0) : 0;
      const up = y > 0 ? (bytes[at - stride] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (bytes[at - stride - channels] ?? 0) : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      bytes[at] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted;
    }
  }
  const pixels = Array.from({ length: width * height }, (_, index) => {
    const [red = 0, green = 0, blue = 0, alpha = 255] = bytes.subarray(
      index * channels,
      (index + 1) * channels,
    );
    return [red, green, blue, alpha];
  });
  return { width, height, pixels };
}
