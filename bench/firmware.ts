import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from '../cli/terminal/table.ts';
import { footprint, heapCalls, ram, STATIC_RAM_LIMIT, total } from '../testing/firmware/footprint.ts';
import { canBuildForLx106 } from '../testing/firmware/requirements.ts';
import { makeRequest } from './firmware/requests.ts';
import { type Handshake, type KeyType, prepare, shakeHands, type Tools } from './firmware/handshakes.ts';

const KIB = 1024;
/**
 * Sizes of the TLS buffers, the goal for the heap with an EC identity, and the heap that the core's own code took in the
 * same emulator (core 3.2.0-dev, one root where this bench has two).
 */
const BUFFERS = [
  { receive: 16384, send: 512, goal: 33 * KIB, core: { ec: 32_520, rsa: 33_560 } }, // what the sketch takes
  { receive: 512, send: 512, goal: 17 * KIB, core: { ec: 16_648, rsa: 17_688 } },
  { receive: 1024, send: 1024, goal: undefined, core: { ec: 17_672, rsa: 18_712 } },
];
const KEY_TYPES: readonly KeyType[] = ['ec', 'rsa'];
const TLS_STACK = 6200; // of the core

const bytes = (count: number): string => count.toLocaleString('en');
const millions = (count: number): string => (count / 1e6).toFixed(count < 1e7 ? 2 : 1);

/** What the firmware takes apart from TLS: static memory against its limit, and no heap. Gives back whether both hold. */
async function footprints(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-firmware-'));
  try {
    const { libraries, heapless, wholes } = await footprint(folder);
    const calls = heapCalls(heapless, 'xtensa-lx106-elf-nm');
    const libraryRows = Object.entries(libraries).map(([name, objects]) => {
      const sizes = total(objects);
      return [name, bytes(sizes.flash), bytes(ram(sizes)), ''];
    });
    const wholeRows = Object.entries(wholes).map(([name, sizes]) => {
      const verdict = ram(sizes) <= STATIC_RAM_LIMIT ? 'met' : 'missed';
      return [
        `${name}, with libraries`,
        bytes(sizes.flash),
        bytes(ram(sizes)),
        `${bytes(STATIC_RAM_LIMIT)}: ${verdict}`,
      ];
    });
    console.log('The firmware on the lx106 without core and TLS, in bytes\n');
    console.log(table(process.stdout, ['part', 'flash', 'static RAM', 'goal'], [...libraryRows, ...wholeRows]));
    console.log(
      `\nHeap: ${calls.length === 0 ? 'the libraries take none, but for the certificates and the key that the TLS of the core holds' : calls.join(', ')}\n`,
    );
    return calls.length === 0 && Object.values(wholes).every((sizes) => ram(sizes) <= STATIC_RAM_LIMIT);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Heap of a verified handshake, by the sizes of the buffers and the board's key. Gives back whether the goals are met. */
async function memory(tools: Tools): Promise<boolean> {
  const rows: string[][] = [];
  let met = true;
  for (const { receive, send, goal, core } of BUFFERS)
    for (const identity of KEY_TYPES) {
      const { full } = await shakeHands({ receive, send, identity, chain: 'rsa' }, tools);
      const aim = identity === 'ec' ? goal : undefined;
      const holds = full.stack <= TLS_STACK && (aim === undefined || full.peak <= aim);
      met &&= holds;
      const verdict = aim === undefined ? '' : `${bytes(aim)}: ${holds ? 'met' : 'missed'}`;
      const heap = [full.peak, full.connected, core[identity]].map(bytes);
      rows.push([`${receive} / ${send}`, identity, ...heap, `${bytes(full.stack)} of ${bytes(TLS_STACK)}`, verdict]);
    }
  console.log('Heap of a verified handshake on the lx106, in bytes (RSA chain)\n');
  console.log(table(process.stdout, ['buffers', 'identity', 'peak', 'connected', "core's own", 'stack', 'goal'], rows));
  return met;
}

/** Work and bytes of a handshake, by the keys on both sides, in full and resumed. */
async function work(tools: Tools): Promise<void> {
  const measured: { readonly name: readonly [string, string, string]; readonly handshake: Handshake }[] = [];
  for (const identity of KEY_TYPES)
    for (const chain of KEY_TYPES) {
      const { full, resumed } = await shakeHands({ receive: 512, send: 512, identity, chain }, tools);
      measured.push({ name: [identity, chain, 'full'], handshake: full });
      measured.push({ name: [identity, chain, 'resumed'], handshake: resumed });
    }
  const full = measured.filter(({ name }) => name[2] === 'full').map(({ handshake }) => handshake.instructions);
  const least = Math.min(...full);
  const rows = measured.map(({ name, handshake: { instructions, sent, received } }) => {
    const ratio = (instructions / least).toFixed(instructions < least ? 3 : 1);
    return [...name, millions(instructions), `x ${ratio}`, bytes(sent), bytes(received)];
  });
  console.log('\nWork of a handshake on the lx106; the server resumes by session id (buffers 512 / 512)\n');
  const head = ['identity', 'chain', 'handshake', 'million instructions', 'ratio', 'bytes sent', 'received'];
  console.log(table(process.stdout, head, rows));
}

/** What an enrolment needs besides its handshakes. Gives back whether it fits. */
async function enrolment(tools: Tools): Promise<boolean> {
  const steps = await makeRequest(tools);
  const rows = steps.map(({ name, heap, stack, instructions }) => [
    name,
    bytes(heap),
    `${bytes(stack)} of ${bytes(TLS_STACK)}`,
    millions(instructions),
  ]);
  console.log('\nWhat an enrolment makes on the lx106, its handshakes apart\n');
  console.log(table(process.stdout, ['what', 'heap', 'stack', 'million instructions'], rows));
  return steps.every(({ heap, stack }) => heap === 0 && stack <= TLS_STACK);
}

/** What the firmware takes of an ESP8266: static memory, then that of TLS in an emulator, against their goals; then work. */
export async function bench(): Promise<boolean> {
  if (!canBuildForLx106()) throw new Error("the tools for the ESP8266's processor are missing");
  const small = await footprints();
  const tools = await prepare();
  const met = await memory(tools);
  await work(tools);
  return (await enrolment(tools)) && small && met;
}
