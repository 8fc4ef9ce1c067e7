import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FleetNames } from '../../lib/fleet/names.ts';
import { secretsHeader } from '../../cli/secrets/secrets-header.ts';
import { BROKER_HOST, CACHE } from '../../testing/firmware/build.ts';
import { buildForLx106, LX106_EMULATOR } from '../../testing/firmware/lx106.ts';
import { bearSslForLx106 } from '../../testing/firmware/requirements.ts';
import { issue, type TestIdentities, testIdentities } from '../../testing/firmware/test-identities.ts';
import { Broker } from './broker.ts';

export type KeyType = 'ec' | 'rsa';

/** What is connected to what. */
export interface Setup {
  /** Of the TLS buffers, in bytes. */
  readonly receive: number;
  readonly send: number;
  /** The board's key. */
  readonly identity: KeyType;
  /** The keys of the broker and of the root that signed its certificate. */
  readonly chain: KeyType;
}

/** What one took. */
export interface Handshake {
  /** Bytes of the heap at most, all of TLS included: second stack, buffers, keys, certificates, two roots. */
  readonly peak: number;
  /** Bytes of the heap once connected. */
  readonly connected: number;
  /** Bytes of BearSSL's stack that were touched. */
  readonly stack: number;
  readonly instructions: number;
  /** Bytes to the broker and to the board, from the first to the last of the connection; one byte of payload each. */
  readonly sent: number;
  readonly received: number;
}

const SOURCES = fileURLToPath(new URL('.', import.meta.url));

/** What all measurements share. */
export interface Tools {
  /** The folder of BearSSL for the lx106. */
  readonly bearSsl: string;
  /** The path of a plugin of the emulator. */
  readonly counter: string;
  readonly identities: TestIdentities;
}

export async function prepare(): Promise<Tools> {
  const bearSsl = await bearSslForLx106(); // makes the cache's folder, too
  const counter = join(CACHE, 'count-instructions.so');
  execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-o', counter, join(SOURCES, 'count-instructions.c')]);
  return { bearSsl, counter, identities: await testIdentities(CACHE) };
}

/** What the board prints on a line, for each connection. */
interface Line {
  readonly verified: boolean;
  readonly peak: number;
  readonly connected: number;
  readonly stack: number;
}

const DEVICE = { thingName: 'kitchen-sensor', device: 'kitchen-sensor', telemetryTopic: 'rtjm/kitchen-sensor' };

/** A handshake in full and one that resumes its session, on the ESP8266's processor. */
export async function shakeHands(
  setup: Setup,
  { bearSsl, counter, identities }: Tools,
): Promise<{ readonly full: Handshake; readonly resumed: Handshake }> {
  const { rsaRoot, ecRoot, ecDevice, rsaDevice } = identities;
  const device = setup.identity === 'ec' ? ecDevice : rsaDevice;
  const identity = { certificateId: '', certificatePem: device.certificate, privateKeyPem: device.key };
  const program = await buildForLx106({
    source: join(SOURCES, 'handshake.cpp'),
    defines: [`TLS_RECEIVE_BYTES=${setup.receive}`, `TLS_SEND_BYTES=${setup.send}`],
    secrets: secretsHeader({
      board: 'esp8266',
      names: new FleetNames(),
      identity: { ...identity, ...DEVICE, host: BROKER_HOST, port: 8883 },
      rootCertificates: `${rsaRoot.certificate}\n${ecRoot.certificate}\n`,
      ingest: 'broker',
    }),
    folder: join(CACHE, 'bench'),
    bearSsl,
  });
  const root = setup.chain === 'ec' ? ecRoot : rsaRoot;
  const server = await issue(root, { keyType: setup.chain, name: 'broker', host: BROKER_HOST });
  const broker = await Broker.start(server, rsaRoot.certificate);
  try {
    const { stdout, stderr } = await runBoard(program, counter, broker.port);
    const lines = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
    const counts = stderr
      .split('\n')
      .filter((line) => /^\d+$/.test(line))
      .map(Number);
    const handshakes = lines.map(({ verified, peak, connected, stack }, i) => {
      if (!verified) throw new Error(`no verified connection\n${stdout}\n${stderr}`);
      const { toBroker: sent = 0, toBoard: received = 0 } = broker.connections[i] ?? {};
      const instructions = (counts[2 * i + 1] ?? NaN) - (counts[2 * i] ?? NaN);
      return { peak, connected, stack, instructions, sent, received };
    });
    const [full, resumed] = handshakes;
    const [first, second] = broker.resumed;
    if (full === undefined || resumed === undefined || first || !second)
      throw new Error(`the board did not connect, in full and then resumed\n${stdout}\n${stderr}`);
    return { full, resumed };
  } finally {
    await broker.stop();
  }
}

async function runBoard(program: string, counter: string, port: number): Promise<{ stdout: string; stderr: string }> {
  const [qemu = '', ...args] = LX106_EMULATOR;
  const board = spawn(qemu, [...args, '-plugin', counter, program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, BOARD_PORT: String(port) },
    timeout: 60_000,
  });
  const output = { stdout: '', stderr: '' };
  board.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  board.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  await new Promise<void>((resolve, reject) => board.on('error', reject).on('close', () => resolve()));
  return output;
}
