import { DescribeEndpointCommand, IoTClient } from '@aws-sdk/client-iot';
import { type Cloud, lanAddress, memoryLog, startCloud } from '@esp-fleet/local-cloud';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { board, connected, readPems } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';

/*
 * The broker open to the network around, and nothing else.
 */

const own = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
/** An address beside that of everything else: each that begins with 127 is one of a Linux machine. */
const LAN = process.platform === 'linux' ? '127.0.0.2' : (own ?? '127.0.0.1');

describe('with --lan', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await startDeployment({ lan: LAN });
    const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(code, stderr).toBe(0);
  });
  afterAll(() => deployment?.close());

  test('nothing but the broker listens there', async () => {
    const { mqttPort, endpoint } = deployment.cloud;
    expect(await refused(LAN, Number(new URL(endpoint).port))).toBe(true);
    expect(await refused(LAN, mqttPort)).toBe(false);
    expect(await refused('127.0.0.1', mqttPort)).toBe(false);
    expect(listenersOfThisProcess()?.filter((address) => !address.startsWith('127.0.0.1:'))).toEqual([
      `${LAN}:${mqttPort}`,
    ]);
  });

  test('DescribeEndpoint, the certificate of the broker and secrets.h have one name', async () => {
    const { cloud, client, folder } = deployment;
    const { endpointAddress } = await new IoTClient(client).send(
      new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }),
    );
    expect(endpointAddress).toBe(`${LAN}:${cloud.mqttPort}`);
    const header = join(folder, 'secrets.h');
    const { code, stderr } = await deployment.fleet('secrets', 'kitchen-sensor', '--out', header);
    expect(code, stderr).toBe(0);
    expect(readFileSync(header, 'utf8')).toContain(`#define AWS_IOT_ENDPOINT "${LAN}"\n`);
    const certificate = await certificateAt(LAN, cloud.mqttPort);
    // As a name for chips, as an address for everybody else, and as it was for this machine.
    expect(certificate.subjectAltName?.split(', ')).toEqual([
      'DNS:localhost',
      'IP Address:127.0.0.1',
      'IP Address:0:0:0:0:0:0:0:1',
      `DNS:${LAN}`,
      `IP Address:${LAN}`,
    ]);
  });

  test('a client gets in by that address, whose certificate it verifies, and so does one of this machine', async () => {
    const { cloud, folder } = deployment;
    const { code, stderr } = await deployment.fleet('secrets', 'garage-door', '--pem', join(folder, 'garage'));
    expect(code, stderr).toBe(0);
    const pems = readPems(join(folder, 'garage'));
    for (const host of [LAN, 'localhost']) {
      const client = board(cloud.mqttPort, 'garage-door', pems, { host });
      await connected(client);
      await client.publishAsync('rtjm/garage-door/telemetry', '{"by":1}', { qos: 1 });
      await client.endAsync();
    }
    const { stdout } = await deployment.fleet('query', 'garage-door', '--last', '9', '--json');
    expect(stdout.trim().split('\n')).toHaveLength(2);
  });

  test('without a certificate of this cloud nobody gets in', async () => {
    const { cloud, log } = deployment;
    const socket = connectTls({ host: LAN, port: cloud.mqttPort, ca: cloud.rootCaPem });
    socket.on('error', () => undefined);
    await once(socket, 'close');
    expect(log.lines.at(-1)).toContain('no client certificate was presented');
  });
});

test('without it, all is as it was', async () => {
  const cloud: Cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog() });
  onTestFinished(() => cloud.close());
  expect(cloud.mqttAddress).toBe(`localhost:${cloud.mqttPort}`);
  expect((await certificateAt('127.0.0.1', cloud.mqttPort)).subjectAltName).not.toContain(LAN);
  expect(await refused(LAN, cloud.mqttPort)).toBe(true);
  expect(listenersOfThisProcess()?.filter((address) => !address.startsWith('127.0.0.1:'))).toEqual([]);
});

describe('the address', () => {
  test.skipIf(own === undefined)('is one of this machine, by itself or by choice', async () => {
    const found = await lanAddress(true);
    expect(await lanAddress(found)).toBe(found);
  });

  test.each(['192.0.2.77', '0.0.0.0', '127.0.0.1', '::1', 'kitchen.local', '1.2.3', ''])(
    '%j is refused',
    async (text) => {
      await expect(lanAddress(text)).rejects.toThrow(
        new RegExp(`^--lan ${text} is no IPv4 address of this machine in a network; (allowed: |it has none: )`),
      );
    },
  );
});

/** Whether nothing listens there. */
async function refused(host: string, port: number): Promise<boolean> {
  const socket = connectTcp(port, host);
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return !isOpen;
}

async function certificateAt(host: string, port: number): Promise<X509Certificate> {
  const socket = connectTls({ host, port, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}

/** Where this process listens, as Linux tells; undefined elsewhere. */
function listenersOfThisProcess(): string[] | undefined {
  if (!existsSync('/proc/self/net/tcp')) return undefined;
  const inodes = new Set(
    readdirSync('/proc/self/fd').flatMap((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`).match(/^socket:\[(\d+)\]$/)?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/self/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
        return state === '0A' && inodes.has(inode) ? [addressOf(local)] : []; // 0A: LISTEN
      }),
  );
}

/** `0100007F:1F90` is 127.0.0.1:8080. */
function addressOf(local: string): string {
  const [host = '', port = ''] = local.split(':');
  const name = host.length === 8 ? [...Buffer.from(host, 'hex')].reverse().join('.') : host;
  return `${name}:${parseInt(port, 16)}`;
}
