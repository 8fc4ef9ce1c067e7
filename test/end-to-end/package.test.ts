import { IoTClient, ListTopicRulesCommand } from '@aws-sdk/client-iot';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { board, connected, outcome } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { type Finished, ROOT, run } from '../../testing/cloud/process.ts';

/* The package that `npm pack` makes, in an app that knows nothing of this repository: the one of docs/constructs.md. */

const [, APP = ''] = /```js\n([^]*?)```/.exec(readFileSync('docs/constructs.md', 'utf8')) ?? [];

let deployment: Deployment;
let folder: string;

beforeAll(async () => {
  deployment = await startDeployment();
  folder = join(deployment.folder, 'boat');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  // npm would ask the registry for what the package depends on: it is here already, of the same versions.
  for (const name of ['aws-cdk-lib', 'constructs', 'zod', '@peculiar'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  const packed = await run('npm', ['pack', '--pack-destination', folder], { limitMs: 120_000 });
  expect(packed.code, packed.stderr).toBe(0);
  const unpacked = await run('tar', [
    '-xzf',
    join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? ''),
    '-C',
    folder,
  ]);
  expect(unpacked.code, unpacked.stderr).toBe(0);
  cpSync(join(folder, 'package'), join(folder, 'node_modules/esp-fleet'), { recursive: true });
  writeFileSync(join(folder, 'app.js'), APP);
}, 180_000);
afterAll(() => deployment?.close());

async function cdk(command: string, stolen = ''): Promise<Finished> {
  const args = [command, '--app', 'node app.js', '--require-approval', 'never', '--force'];
  const env = { ...deployment.cloud.environment, STOLEN: stolen, CDK_DISABLE_CLI_TELEMETRY: 'true' };
  const cli = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  const done = await run(process.execPath, [cli, ...args], { cwd: folder, env, limitMs: 90_000 });
  expect(done.code, done.stderr).toBe(0);
  return done;
}

async function clientOf(device: string) {
  const ssm = new SSMClient(deployment.client);
  const parameter = async (name: string): Promise<string> => {
    const Name = `/esp-fleet-boat/deck/${device}/1/${name}`;
    return (await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter?.Value ?? '';
  };
  const { certificatePem } = JSON.parse(await parameter('certificate')) as { certificatePem: string };
  const pems = { cert: certificatePem, key: await parameter('key'), ca: deployment.cloud.rootCaPem };
  return board(deployment.cloud.mqttPort, `boat_${device}`, pems);
}

it('deploys, lets its devices in, revokes one of them alone, and goes away', async () => {
  expect(APP.split('\n').length).toBeLessThan(20);
  await cdk('deploy');
  for (const device of ['bilge-pump', 'mast-light']) {
    const client = await clientOf(device);
    await connected(client);
    await client.publishAsync(`rtjm_boat/${device}/telemetry`, '{"ok":true}', { qos: 1 });
    await client.endAsync();
  }
  await cdk('deploy', 'mast-light');
  expect(await outcome(await clientOf('mast-light'))).toBe('cut off');
  const other = await clientOf('bilge-pump');
  await connected(other);
  await other.endAsync();
  await cdk('destroy');
  const { rules } = await new IoTClient(deployment.client).send(new ListTopicRulesCommand({}));
  expect(rules).toEqual([]);
}, 180_000);

it.each([
  ["new Device(fleet, 'Mast')", 'Boat/Fleet/Mast: device name is not valid; allowed: 1 to 64 characters of a-z'],
  ["new Device(fleet, 'a', { keyType: 'dsa' })", 'Boat/Fleet/a: keyType "dsa" is not known; allowed: ec, rsa'],
  ["new Device(fleet, 'a', { csr: 'none.csr' })", 'Boat/Fleet/a: csr "none.csr" cannot be read'],
  ["new Fleet(stack, 'B', { telemetry, site: 'no_' })", 'Boat/B: site "no_" is not valid'],
  ["new Telemetry(stack, 'C', { prefix: 'a/b' })", 'Boat/C: prefix'],
])('%s: a sentence', async (line, message) => {
  writeFileSync(join(folder, 'wrong.js'), `${APP}\n${line};`);
  const { code, stderr } = await run(process.execPath, ['wrong.js'], { cwd: folder });
  expect(code).not.toBe(0);
  expect(stderr).toContain(message);
});
