import { inflateSync } from 'node:zlib';

/** A picture of so many pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** The colour of a pixel, such as `#0972d3`. */
  readonly at: (x: number, y: number) => string;
}

/** Reads the kind of PNG that Chromium writes: 8 bits a channel, RGB or RGBA, not interlaced. */
export function decodePng(png: Buffer): Picture {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const [depth, type, , , interlaced] = png.subarray(24, 29);
  const channels = type === 6 ? 4 : 3;
  if (depth !== 8 || (type !== 2 && type !== 6) || interlaced !== 0) throw new Error('not the kind of PNG expected');
  const pixels = unfiltered(inflateSync(imageData(png)), width * channels, height, channels);
  return {
    width,
    height,
    at: (x, y) => {
      const start = (y * width + x) * channels;
      return `#${Buffer.from(pixels.subarray(start, start + 3)).toString('hex')}`;
    },
  };
}

function imageData(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return Buffer.concat(parts);
}

/** Undoes the filters of the lines (PNG specification, "Filter types"). */
function unfiltered(data: Buffer, stride: number, height: number, channels: number): Uint8Array {
  const pixels = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = data[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x < channels ? 0 : Number(pixels[at - channels]);
      const up = y === 0 ? 0 : Number(pixels[at - stride]);
      const corner = x < channels || y === 0 ? 0 : Number(pixels[at - stride - channels]);
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      pixels[at] = Number(data[y * (stride + 1) + 1 + x]) + predicted;
    }
  }
  return pixels;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
