import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keep, kept } from './kept.ts';

/** What a bundler made, and the files that it made it of. */
export interface Bundle {
  readonly contents: Uint8Array;
  /** Paths below the root. */
  readonly inputs: readonly string[];
}

interface Kept {
  readonly inputs: readonly string[];
  /** SHA-256 of the inputs, in hex. */
  readonly digest: string;
  /** The bundle, in base64. */
  readonly contents: string;
}

/**
 * A bundle, made anew only when a file that went into it is another one than last time: to read them all takes a tenth of
 * the time.
 *
 * @param root below which the inputs are; where else the same files lie, they are the same bundle
 * @param file where it is kept; a folder that cannot be written costs time and nothing else
 * @param beside files that decide what becomes of the inputs, such as a lock file
 */
export function keptBundle(root: string, file: string, beside: readonly string[], make: () => Bundle): Uint8Array {
  const before = kept<Kept>(file);
  if (before !== undefined && digestOf(root, [...before.inputs, ...beside]) === before.digest)
    return Buffer.from(before.contents, 'base64');
  const { contents, inputs } = make();
  const digest = digestOf(root, [...inputs, ...beside]);
  if (digest !== undefined) keep(file, { inputs, digest, contents: Buffer.from(contents).toString('base64') });
  return contents;
}

/** Undefined when one of the files is gone. */
function digestOf(root: string, files: readonly string[]): string | undefined {
  const hash = createHash('sha256');
  try {
    for (const file of files) {
      const content = readFileSync(join(root, file));
      hash.update(`${file}\n${content.length}\n`).update(content);
    }
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
