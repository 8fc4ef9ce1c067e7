import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListPrincipalThingsCommand,
  paginateListCertificates,
  paginateListThings,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import type { MqttClient } from 'mqtt';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { certificateRequest, newPrivateKey } from '../../aws/new-key.ts';
import { runFleet } from '../cli/run-fleet.ts';
import { board, connected, outcome } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';

/* Fifty things of every odd kind that somebody made by hand, with their boards connected, come to the fleet and leave it. */

let deployment: Deployment;
let iot: IoTClient;

/** A certificate as somebody made it. */
interface HandMade {
  readonly id: string;
  readonly arn: string;
  readonly pem: string;
  readonly key: string;
}

const boards = new Map<string, MqttClient>();
/** The names of boards whose session has ended. */
const ended: string[] = [];
const byThing = new Map<string, HandMade>();

const POLICY = (...actions: string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

async function certificate(keyType: 'ec' | 'rsa' = 'ec'): Promise<HandMade> {
  const key = newPrivateKey(keyType);
  const certificateSigningRequest = await certificateRequest(key, 'by-hand');
  const made = await iot.send(new CreateCertificateFromCsrCommand({ certificateSigningRequest, setAsActive: true }));
  return { id: made.certificateId ?? '', arn: made.certificateArn ?? '', pem: made.certificatePem ?? '', key };
}

interface Kind {
  readonly policies?: readonly string[];
  readonly keyType?: 'ec' | 'rsa';
  readonly exclusive?: boolean;
  readonly attributes?: Record<string, string>;
  /** How many certificates. */
  readonly certificates?: number;
  readonly status?: 'INACTIVE' | 'REVOKED';
}

async function thing(thingName: string, kind: Kind = {}): Promise<HandMade[]> {
  const { policies = ['wide'], keyType, exclusive, attributes, certificates = 1, status } = kind;
  await iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes: attributes ?? {} } }));
  const made: HandMade[] = [];
  for (let count = 0; count < certificates; count++) {
    const one = await certificate(keyType);
    const thingPrincipalType = exclusive ? 'EXCLUSIVE_THING' : 'NON_EXCLUSIVE_THING';
    await iot.send(new AttachThingPrincipalCommand({ thingName, principal: one.arn, thingPrincipalType }));
    for (const policyName of policies) await iot.send(new AttachPolicyCommand({ policyName, target: one.arn }));
    if (status) await iot.send(new UpdateCertificateCommand({ certificateId: one.id, newStatus: status }));
    made.push(one);
  }
  return made;
}

/** The things of which it is clear how they come to the fleet. */
const CLEAR: [name: string, kind: Kind][] = [
  ...Array.from({ length: 30 }, (_, index): [string, Kind] => [`board-${index}`, {}]),
  ['with-rsa', { keyType: 'rsa' }],
  ['exclusive', { exclusive: true }],
  ['with-attributes', { attributes: { room: 'attic', shelf: '3' } }],
  ['with-two-policies', { policies: ['wide', 'logs'] }],
  ['with-nine-policies', { policies: ['wide', ...Array.from({ length: 8 }, (_, index) => `more-${index}`)] }],
  ['without-policy', { policies: [] }],
  ['123', {}],
  ['constructor', {}],
];

beforeAll(async () => {
  deployment = await startDeployment();
  for (const [name, value] of Object.entries(deployment.cloud.environment)) vi.stubEnv(name, value);
  iot = new IoTClient(deployment.client);
  deployment.writeSite('home', '# mine\ndevices:\n  unasked: { board: esp32 }\n');
  for (const policyName of ['wide', 'logs', ...Array.from({ length: 9 }, (_, index) => `more-${index}`), 'namesake'])
    await iot.send(new CreatePolicyCommand({ policyName, policyDocument: POLICY('iot:*') }));
  for (const [name, kind] of CLEAR) {
    const [made] = await thing(name, kind);
    if (made) byThing.set(name, made);
  }
  await thing('Kitchen_Sensor');
  await thing('with:colon');
  await thing('without-certificate', { certificates: 0 });
  await thing('with-two-certificates', { certificates: 2 });
  await thing('inactive', { status: 'INACTIVE' });
  await thing('revoked', { status: 'REVOKED' });
  await thing('full', { policies: ['wide', ...Array.from({ length: 9 }, (_, index) => `more-${index}`)] });
  await thing('namesake');
  await thing('unasked');
  const [shared] = await thing('shared-1');
  for (const thingName of ['shared-2', 'shared-3']) {
    await iot.send(new CreateThingCommand({ thingName }));
    await iot.send(new AttachThingPrincipalCommand({ thingName, principal: shared?.arn }));
  }
  await certificate(); // attached to nothing
  for (const [name] of CLEAR) await connect(name);
}, 240_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([...boards.values()].map((client) => client.endAsync(true)));
  await deployment.close();
});

const pems = (name: string) => {
  const { pem = '', key = '' } = byThing.get(name) ?? {};
  return { cert: pem, key, ca: deployment.cloud.rootCaPem };
};

async function connect(name: string): Promise<void> {
  const client = board(deployment.cloud.mqttPort, name, pems(name));
  if (name === 'without-policy') return expect(await outcome(client)).toBe('cut off');
  await connected(client);
  client.on('close', () => ended.push(name));
  boards.set(name, client);
}

const everyThing = async () => {
  const names: string[] = [];
  for await (const { things = [] } of paginateListThings({ client: iot }, {}))
    names.push(...things.map(({ thingName = '' }) => thingName));
  return names.sort();
};
/** Every certificate with its status, things and policies. */
async function inventory(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { certificates = [] } of paginateListCertificates({ client: iot }, {})) {
    for (const { certificateArn: arn = '', certificateId = '', status } of certificates) {
      const { things = [] } = await iot.send(new ListPrincipalThingsCommand({ principal: arn }));
      const { policies = [] } = await iot.send(new ListAttachedPoliciesCommand({ target: arn }));
      const names = policies.map(({ policyName }) => policyName).sort();
      found[certificateId] = `${status} [${things.sort().join()}] [${names.join()}]`;
    }
  }
  return found;
}
const fleet = (...argv: string[]) => runFleet([...argv, '--fleet', deployment.fleetDir]);
const deploy = async (...options: string[]) => {
  const { code, stdout, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never', ...options);
  return { code, said: stdout + stderr };
};
const fleetFile = () => readFileSync(join(deployment.fleetDir, 'home.yaml'), 'utf8');
/** Each board publishes once as a device does, and is not cut off. */
const publishAll = () =>
  Promise.all([...boards].map(([name, client]) => client.publishAsync(`rtjm/${name}/telemetry`, '{}', { qos: 1 })));

describe('fifty things that were made by hand', { timeout: 240_000 }, () => {
  let before: Record<string, string>;
  let things: string[];

  it('are shown, each with what hinders it', async () => {
    [before, things] = [await inventory(), await everyThing()];
    expect(things).toHaveLength(50);
    const { stdout, code } = await fleet('import');
    expect(code).toBe(0);
    const said = stdout.split('\n').filter((line) => line.startsWith('! '));
    expect(said.map((line) => line.replace(/[0-9a-f]{8}/g, 'ID').replace(/arn:\S+/, 'ARN'))).toEqual([
      expect.stringMatching(/^! Kitchen_Sensor: no device can have its name/),
      expect.stringMatching(/^! full: certificate ID has 10 policies, which leaves no room/),
      '! inactive: certificate ID is INACTIVE',
      expect.stringMatching(/^! namesake: a policy is called "namesake"/),
      '! revoked: certificate ID is REVOKED',
      expect.stringMatching(
        /^! shared-1: certificate ID is shared with shared-2, shared-3: to revoke one would stop all/,
      ),
      expect.stringMatching(/^! shared-2: certificate ID is shared with shared-1, shared-3: /),
      expect.stringMatching(/^! shared-3: certificate ID is shared with shared-1, shared-2: /),
      expect.stringMatching(/^! unasked: \S+home.yaml already has a device of its name, without its certificate/),
      expect.stringMatching(/^! with-two-certificates: it has 2 certificates; add --certificate/),
      expect.stringMatching(/^! with:colon: no device can have its name/),
      expect.stringMatching(/^! without-certificate: it has no certificate/),
      expect.stringMatching(/^! certificate ID is ACTIVE, and attached to no thing \(it has no policy\)/),
    ]);
    expect(stdout).toContain('50 things beside the fleet, 38 can be taken over');
  });

  it('one that is in the file and was not chosen is not taken over by the deployment, which names it', async () => {
    const { code, said } = await deploy('--import-existing-resources');
    expect(code).toBe(1);
    expect(said).toMatch(/unasked.*DeletionPolicy|DeletionPolicy.*unasked/s);
    expect(await inventory()).toEqual(before);
    deployment.writeSite('home', '# mine\ndevices: {}\n'); // so that it is clear now
  });

  it('are written into the fleet file, the clear ones at once', async () => {
    const { code, stdout } = await fleet('import', '--all', '--board', 'esp8266');
    expect(code).toBe(0);
    expect(stdout).toContain('npx cdk deploy --all --import-existing-resources');
    expect(fleetFile()).toContain(
      `  with-two-policies: { board: esp8266, certificate: ${byThing.get('with-two-policies')?.id}, policies: [ logs, wide ] }`,
    );
    expect(fleetFile().match(/certificate:/g)).toHaveLength(CLEAR.length + 1);
  });

  it('without the option that imports, nothing is deployed and nothing changes', async () => {
    expect((await deploy()).code).toBe(1);
    expect(await inventory()).toEqual(before);
  });

  it('come to the fleet in one deployment: no session ends, and no certificate loses anything', async () => {
    const { code, said } = await deploy('--import-existing-resources');
    expect(code, said).toBe(0);
    const now = await inventory();
    for (const [name] of CLEAR) {
      const { id = '' } = byThing.get(name) ?? {};
      const [, had = ''] = /\[([^\]]*)\]$/.exec(before[id] ?? '') ?? [];
      const policies = [...had.split(',').filter(Boolean), name].sort();
      expect(now[id]).toBe(`ACTIVE [${name}] [${policies.join()}]`);
    }
    expect(Object.keys(now)).toEqual(Object.keys(before));
    expect(ended).toEqual([]);
    await publishAll();
    expect((await fleet('list', '--json')).stdout).not.toContain('not deployed');
  });

  it('lose their wide policies by a later deployment: no session ends, and they go on', async () => {
    deployment.writeSite('home', fleetFile().replace(/, policies: \[[^\]]*\]/g, ''));
    const { code, said } = await deploy();
    expect(code, said).toBe(0);
    const now = await inventory();
    for (const [name] of CLEAR) expect(now[byThing.get(name)?.id ?? '']).toBe(`ACTIVE [${name}] [${name}]`);
    await publishAll();
    expect(ended).toEqual([]);
    // A board that begins anew is let in as well.
    await boards.get('123')?.endAsync(true);
    await connect('123');
    expect((await fleet('doctor')).stdout).toContain('39 devices, no problem, 1 note');
  });

  it('leave it as they came: with all they had, and no certificate is gone', async () => {
    deployment.writeSite('home', '# mine\ndevices: {}\n');
    ended.length = 0;
    const { code, said } = await deploy();
    expect(code, said).toBe(0);
    expect(await inventory()).toEqual(before);
    expect(await everyThing()).toEqual(things);
    expect(ended).toEqual([]);
    const { stdout } = await fleet('doctor');
    expect(stdout).not.toContain('left of');
  });
});
