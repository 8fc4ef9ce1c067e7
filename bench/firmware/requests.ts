import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE } from '../../testing/firmware/build.ts';
import { buildForLx106, LX106_EMULATOR } from '../../testing/firmware/lx106.ts';
import type { Tools } from './handshakes.ts';

/** What a step of an enrolment took that needs no network. */
export interface Step {
  readonly name: string;
  /** Bytes of heap at the most. */
  readonly heap: number;
  /** Bytes of BearSSL's stack that were touched. */
  readonly stack: number;
  readonly instructions: number;
}

const SOURCE = fileURLToPath(new URL('request.cpp', import.meta.url));
const NAMES = ['a key', 'a request for a certificate'];

/** A key and a request, on the ESP8266's processor. */
export async function makeRequest({ bearSsl, counter }: Tools): Promise<Step[]> {
  const folder = join(CACHE, 'bench');
  const program = await buildForLx106({ source: SOURCE, defines: [], secrets: '', claim: '', folder, bearSsl });
  const [qemu = '', ...args] = LX106_EMULATOR;
  const { stdout, stderr } = spawnSync(qemu, [...args, '-plugin', counter, program], {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe', 'ignore'],
  });
  const counts = [...stderr.matchAll(/^\d+$/gm)].map(Number);
  const lines = [...stdout.matchAll(/^\{.*\}$/gm)].map(
    ([line]) => JSON.parse(line) as Pick<Step, 'heap' | 'stack'> & { readonly done: boolean },
  );
  if (lines.length !== NAMES.length || lines.some(({ done }) => !done))
    throw new Error(`no key and no request\n${stdout}\n${stderr}`);
  return lines.map(({ heap, stack }, i) => {
    const instructions = (counts[2 * i + 1] ?? NaN) - (counts[2 * i] ?? NaN);
    return { name: NAMES[i] ?? '', heap, stack, instructions };
  });
}
