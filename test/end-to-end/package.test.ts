import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  DescribeCertificateCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListTopicRulesCommand,
} from '@aws-sdk/client-iot';
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

async function cdk(command: string, app: string, env: Record<string, string>, ...flags: string[]): Promise<Finished> {
  const args = [command, '--app', app, '--require-approval', 'never', '--force', ...flags];
  const cli = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  const done = await run(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...deployment.cloud.environment, CDK_DISABLE_CLI_TELEMETRY: 'true', ...env },
    limitMs: 90_000,
  });
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

/** A board that was there before: its thing, its certificate and the policy by which it lives. */
async function galley() {
  const iot = new IoTClient(deployment.client);
  const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  const { certificateId = '', certificateArn: principal = '', certificatePem: cert = '', keyPair } = made;
  await iot.send(new CreateThingCommand({ thingName: 'boat_galley' }));
  await iot.send(new AttachThingPrincipalCommand({ thingName: 'boat_galley', principal }));
  const policyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
  });
  await iot.send(new CreatePolicyCommand({ policyName: 'wide', policyDocument }));
  await iot.send(new AttachPolicyCommand({ policyName: 'wide', target: principal }));
  const pems = { cert, key: keyPair?.PrivateKey ?? '', ca: deployment.cloud.rootCaPem };
  const policies = async () =>
    (await iot.send(new ListAttachedPoliciesCommand({ target: principal }))).policies?.map(
      ({ policyName }) => policyName,
    );
  const status = async () =>
    (await iot.send(new DescribeCertificateCommand({ certificateId }))).certificateDescription?.status;
  return { certificateId, policies, status, client: board(deployment.cloud.mqttPort, 'boat_galley', pems) };
}

it('deploys, lets its devices in, takes one over, revokes another one alone, and goes away', async () => {
  expect(APP.split('\n').length).toBeLessThan(20);
  await cdk('deploy', 'node app.js', { STOLEN: '' }); // with all validation
  for (const device of ['bilge-pump', 'mast-light']) {
    const client = await clientOf(device);
    await connected(client);
    await client.publishAsync(`rtjm_boat/${device}/telemetry`, '{"ok":true}', { qos: 1 });
    await client.endAsync();
  }
  const { client: cook, certificateId, policies, status } = await galley();
  await connected(cook);
  let ended = 0;
  cook.on('close', () => (ended += 1));
  const line = `new Device(fleet, 'galley', { certificate: '${certificateId}', policies: ['wide'] });`;
  writeFileSync(join(folder, 'app.js'), `${APP}\n${line}`);
  const env = { STOLEN: 'mast-light', CDK_VALIDATION: 'false' };
  await cdk('deploy', 'node app.js', env, '--import-existing-resources');
  expect(await policies()).toEqual(expect.arrayContaining(['wide', expect.stringMatching(/galley/)]) as string[]);
  expect(await outcome(await clientOf('mast-light'))).toBe('cut off');
  const other = await clientOf('bilge-pump');
  await connected(other);
  await other.endAsync();
  await cdk('destroy', 'cdk.out', env);
  // Given back as it was: the session of the board never ended.
  expect([await policies(), await status(), ended]).toEqual([['wide'], 'ACTIVE', 0]);
  await cook.endAsync();
  const { rules } = await new IoTClient(deployment.client).send(new ListTopicRulesCommand({}));
  expect(rules).toEqual([]);
}, 180_000);

it('a sentence for what is wrong', async () => {
  const wrong: Record<string, string> = {
    "new Device(fleet, 'Mast')": 'Boat/Fleet/Mast: device name is not valid; allowed: 1 to 64 characters of a-z',
    "new Device(fleet, 'a', { keyType: 'dsa' })": 'Boat/Fleet/a: keyType "dsa" is not known; allowed: ec, rsa',
    "new Device(fleet, 'b', { csr: 'none.csr' })": 'Boat/Fleet/b: csr "none.csr" cannot be read',
    "new Device(fleet, 'c', { certificate: '2f6c' })": 'Boat/Fleet/c: certificate is no id of a certificate',
    "for (const name of ['d', 'e']) new Device(fleet, name, { certificate: 'f'.repeat(64) })":
      'Boat/Fleet/e: its certificate is the one of d; allowed: a key of its own for each',
    "new Fleet(stack, 'B', { telemetry, site: 'no_' })": 'Boat/B: site "no_" is not valid',
    "new Telemetry(stack, 'C', { prefix: 'a/b' })": 'Boat/C: prefix',
  };
  // All in one process, which loads the CDK once; nothing is synthesized after an error that nobody has caught.
  const tries = Object.keys(wrong).map(
    (line) => `try { ${line}; said.push('nothing') } catch ({ message }) { said.push(message) }`,
  );
  const script = `${APP}\nconst said = [];\n${tries.join('\n')}\nthrow new Error(JSON.stringify(said));`;
  writeFileSync(join(folder, 'wrong.js'), script);
  const { code, stderr } = await run(process.execPath, ['wrong.js'], { cwd: folder });
  expect(code).not.toBe(0);
  const said = JSON.parse(/^Error: (\[.*\])$/m.exec(stderr)?.[1] ?? '[]') as string[];
  expect(said).toEqual(Object.values(wrong).map((message) => expect.stringContaining(message) as string));
});
