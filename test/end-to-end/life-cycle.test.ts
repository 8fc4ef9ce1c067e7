import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  DescribeLogGroupsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  IoTClient,
  ListCertificatesCommand,
  ListPoliciesCommand,
  ListThingsCommand,
  ListTopicRulesCommand,
} from '@aws-sdk/client-iot';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import 'reflect-metadata';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { board, connected, cutOff, outcome, type Pems, readPems } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { ROOT } from '../../testing/cloud/process.ts';

/* The whole path, in the order a user walks it; each step stands on the one before. */

let deployment: Deployment;
let kitchen: Pems;
let garage: Pems;
const clients: MqttClient[] = [];

const connect = (clientId: string, pems: Partial<Pems>, options = {}): MqttClient => {
  const client = board(deployment.cloud.mqttPort, clientId, pems, options);
  clients.push(client);
  return client;
};
const cloudFormation = () => new CloudFormationClient(deployment.client);

async function rows(): Promise<Record<string, unknown>[]> {
  const dynamoDb = new DynamoDBClient(deployment.client);
  const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand({}));
  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: TableNames[0] }));
  return Items.map((item) => unmarshall(item));
}

async function stackNames(): Promise<string[]> {
  const { Stacks = [] } = await cloudFormation().send(new DescribeStacksCommand({}));
  return Stacks.map(({ StackName = '' }) => StackName).sort();
}

beforeAll(async () => {
  deployment = await startDeployment();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await deployment.close();
});

describe('deploy', () => {
  it('deploys the app with the real CDK CLI', async () => {
    const { code, stderr } = await deployment.cdk('deploy', '--all'); // which asks nothing: cdk.json says so
    expect(stderr).not.toMatch(/Warning:/);
    expect(code, stderr).toBe(0);
    expect(await stackNames()).toEqual(['CDKToolkit', 'fleet-site-home', 'fleet-telemetry']);
  });

  it('prints nothing of a dependency that the user has no use for', async () => {
    const { stdout, stderr } = await deployment.cdk('synth', '-q');
    expect(stdout + stderr).not.toMatch(/feature flag|telemetry is|notice|node version|deprecat|warning/i);
  });

  it('changes nothing when nothing changed', async () => {
    const { code, stdout, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(code, stderr).toBe(0);
    expect((stdout + stderr).match(/\(no changes\)/g)).toHaveLength(2);
  });

  it('shows no difference between the app and what is deployed', async () => {
    const { code, stdout, stderr } = await deployment.cdk('diff', '--all', '--fail');
    expect(code, stdout + stderr).toBe(0);
  });
});

describe('telemetry', () => {
  it('stamps a message that has no time and keeps it as a row', async () => {
    for (const device of ['kitchen-sensor', 'garage-door']) {
      const { code, stderr } = await deployment.fleet('secrets', device, '--pem', join(deployment.folder, device));
      expect(code, stderr).toBe(0);
    }
    kitchen = readPems(join(deployment.folder, 'kitchen-sensor'));
    garage = readPems(join(deployment.folder, 'garage-door'));
    const client = connect('kitchen-sensor', kitchen);
    await connected(client);
    const before = Date.now();
    await client.publishAsync('rtjm/kitchen-sensor/telemetry', '{"temperature":21.5}', { qos: 1 });
    const after = Date.now();
    const [row] = await rows();
    expect(row).toMatchObject({
      device: 'kitchen-sensor',
      full_topic: 'rtjm/kitchen-sensor/telemetry',
      temperature: 21.5,
    });
    expect(Number(row?.received)).toBeGreaterThanOrEqual(before);
    expect(Number(row?.received)).toBeLessThanOrEqual(after);
  });

  it('writes the key in a file that nobody else can read', () => {
    expect(statSync(join(deployment.folder, 'kitchen-sensor/private-key.pem')).mode & 0o777).toBe(0o600);
  });

  it('keeps a payload that claims to be another device under its own name, with the stamps of the broker', async () => {
    const client = connect('garage-door', garage);
    await connected(client);
    const claims = { device: 'kitchen-sensor', received: 1, full_topic: 'rtjm/kitchen-sensor/x', arrival: '0' };
    await client.publishAsync('rtjm/garage-door/telemetry', JSON.stringify(claims), { qos: 1 });
    const row = (await rows()).find(({ device }) => device === 'garage-door');
    expect(row).toMatchObject({ full_topic: 'rtjm/garage-door/telemetry' });
    expect(Number(row?.received)).toBeGreaterThan(Date.now() - 10_000);
    expect(JSON.parse(Buffer.from(String(row?.raw), 'base64').toString())).toEqual(claims);
  });
});

describe('whoever does not belong', () => {
  it.each([
    ['without a certificate', () => connect('kitchen-sensor', { ca: kitchen.ca })],
    ['with a certificate of another authority', async () => connect('kitchen-sensor', await selfSigned(kitchen.ca))],
    ["under another device's client id", () => connect('garage-door', kitchen)],
  ])('is refused %s', async (_, attempt) => {
    expect(await outcome(await attempt())).toBe('cut off');
  });

  it("is cut off when it publishes to another device's topic, and learns why from the log", async () => {
    const client = connect('kitchen-sensor', kitchen);
    await connected(client);
    client.publish('rtjm/garage-door/telemetry', '{"open":true}', { qos: 1 });
    await cutOff(client);
    expect(deployment.log.refusals.at(-1)).toMatchObject({
      action: 'iot:Publish',
      resource: 'arn:aws:iot:us-east-1:000000000000:topic/rtjm/garage-door/telemetry',
      why: 'no statement allows it in kitchen-sensor',
    });
    expect((await rows()).some(({ open }) => open)).toBe(false);
  });
});

describe('revoke', () => {
  it('cuts off the one device and no other', async () => {
    const stolen = connect('kitchen-sensor', kitchen);
    const other = connect('garage-door', garage);
    await Promise.all([connected(stolen), connected(other)]);
    const gone = cutOff(stolen);
    const { code, stderr } = await deployment.fleet('revoke', 'kitchen-sensor', '--yes');
    expect(code, stderr).toBe(0);
    await gone;
    expect(await outcome(connect('kitchen-sensor', kitchen))).toBe('cut off');
    expect(deployment.log.refusals.at(-1)?.why).toMatch(/REVOKED/);
    expect(other.connected).toBe(true);
    await other.publishAsync('rtjm/garage-door/telemetry', '{"after":true}', { qos: 1 });
    expect((await rows()).some(({ after }) => after === true)).toBe(true);
  });

  it('writes the revocation into the fleet file and a later deploy keeps it', async () => {
    expect(readFileSync(join(deployment.fleetDir, 'home.yaml'), 'utf8')).toMatch(
      /kitchen-sensor: *\{[^}]*revoked: true/,
    );
    const { code, stderr } = await deployment.cdk('deploy', '--all');
    expect(code, stderr).toBe(0);
    expect(await outcome(connect('kitchen-sensor', kitchen))).toBe('cut off');
  });
});

describe('the private key', () => {
  it('stands in no template, output, event, log or file outside its store and the folder of its user', async () => {
    const secrets = [kitchen, garage].flatMap(({ key }) => {
      const body = key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
      return [key, ...body];
    });
    const seen: string[] = [...deployment.log.lines];
    for (const StackName of await stackNames()) {
      const events = await cloudFormation().send(new DescribeStackEventsCommand({ StackName }));
      const template = await cloudFormation().send(new GetTemplateCommand({ StackName }));
      const stacks = await cloudFormation().send(new DescribeStacksCommand({ StackName }));
      seen.push(JSON.stringify([events, template, stacks]));
    }
    const logs = new CloudWatchLogsClient(deployment.client);
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups.length).toBeGreaterThan(0);
    let events = 0;
    for (const { logGroupName } of logGroups) {
      const found = await logs.send(new FilterLogEventsCommand({ logGroupName }));
      events += found.events?.length ?? 0;
      seen.push(JSON.stringify(found.events));
    }
    expect(events, 'events in the function logs').toBeGreaterThan(0);
    for (const file of filesBelow(join(deployment.folder, 'cdk.out'))) seen.push(readFileSync(file, 'latin1'));
    for (const folder of ['aws', 'lib', 'lambda', 'fleet', '.local']) {
      for (const file of filesBelow(join(ROOT, folder))) seen.push(readFileSync(file, 'latin1'));
    }
    for (const text of seen) for (const secret of secrets) expect(text.includes(secret)).toBe(false);
  });
});

describe('destroy', () => {
  it('leaves nothing behind', async () => {
    const { code, stderr } = await deployment.cdk('destroy', '--all', '--force');
    expect(code, stderr).toBe(0);
    expect(await stackNames()).toEqual(['CDKToolkit']);
    const iot = new IoTClient(deployment.client);
    expect((await iot.send(new ListThingsCommand({}))).things).toEqual([]);
    expect((await iot.send(new ListPoliciesCommand({}))).policies).toEqual([]);
    expect((await iot.send(new ListCertificatesCommand({}))).certificates).toEqual([]);
    expect((await iot.send(new ListTopicRulesCommand({}))).rules).toEqual([]);
    const ssm = new SSMClient(deployment.client);
    const kept = await ssm.send(new GetParametersByPathCommand({ Path: '/esp-fleet', Recursive: true }));
    expect(kept.Parameters).toEqual([]);
    expect((await new DynamoDBClient(deployment.client).send(new ListTablesCommand({}))).TableNames).toEqual([]);
  });
});

/** What somebody makes who knows the name of a device, but has no key of ours. */
async function selfSigned(ca: string): Promise<Pems> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=kitchen-sensor',
    keys,
    signingAlgorithm: algorithm,
  });
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { ca, cert: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
