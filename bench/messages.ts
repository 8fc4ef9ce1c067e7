import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FleetNames } from '../lib/fleet/names.ts';
import { deployFleet, type Device } from '../prove/loss/fleet.ts';
import { CloudProcess } from '../testing/cloud/cloud-process.ts';
import { Mosquitto } from '../testing/firmware/mosquitto.ts';
import { issue, testIdentities } from '../testing/firmware/test-identities.ts';
import type { Flood, Flooded } from './messages/publish.ts';

const CLIENTS = 20;
const MESSAGES = 2_000;
const WINDOW = 20;

const PER_SECOND_GOAL = 8_000;
const P99_MS_GOAL = 80;

/**
 * QoS 1 over TLS into the local cloud, with a row a message and the row kept before its PUBACK; beside it, the same
 * clients against mosquitto, which keeps nothing.
 *
 * @returns whether the local cloud meets its goals
 */
export async function bench(): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'esp-fleet-bench-'));
  let cloud: CloudProcess | undefined;
  try {
    const data = join(scratch, 'data');
    const devices = await deployFleet(data, CLIENTS);
    cloud = await CloudProcess.start(data);
    const { mqttPort } = cloud.started;
    const rate = print('local cloud, a row each', await publish(mqttPort, devices));
    if (existsSync('/usr/sbin/mosquitto')) {
      const { ecRoot } = await testIdentities(scratch);
      const keys = await issue(ecRoot, { name: 'localhost', host: 'localhost' });
      const mosquitto = await Mosquitto.start(keys, cloud.started.rootCaPem);
      const trusting = devices.map(({ name, pems }) => ({ name, pems: { ...pems, ca: ecRoot.certificate } }));
      const peer = print('mosquitto, which keeps none', await publish(mosquitto.port, trusting));
      await mosquitto.stop();
      console.log(`messages: ${(rate.perSecond / peer.perSecond).toFixed(2)} times the rate of mosquitto`);
    } else console.log('messages: there is no mosquitto here to compare with');
    console.log(`messages: goals: ${PER_SECOND_GOAL} a second, p99 ${P99_MS_GOAL} ms`);
    return rate.perSecond >= PER_SECOND_GOAL && rate.p99 <= P99_MS_GOAL;
  } finally {
    await cloud?.end('SIGTERM');
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function publish(port: number, devices: readonly Device[]): Promise<Flooded> {
  const child = fork(fileURLToPath(new URL('messages/publish.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  const topics = devices.map(({ name, pems }) => ({
    topic: `${new FleetNames().telemetryTopic(name)}/telemetry`,
    clientId: name,
    pems,
  }));
  child.send({ port, topics, messages: MESSAGES, window: WINDOW } satisfies Flood);
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the clients ended with ${String(code)}`)),
  );
  const [flooded] = (await Promise.race([once(child, 'message'), ended])) as [Flooded];
  return flooded;
}

function print(what: string, { took, latencies }: Flooded): { perSecond: number; p99: number } {
  const sorted = latencies.toSorted((a, b) => a - b);
  const percentile = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
  const perSecond = Math.round((latencies.length / took) * 1_000);
  const p99 = percentile(0.99);
  console.log(
    `messages: ${what}: ${perSecond} a second, PUBACK after ${percentile(0.5).toFixed(0)} ms (p50), ${p99.toFixed(0)} ms (p99)`,
  );
  return { perSecond, p99 };
}
