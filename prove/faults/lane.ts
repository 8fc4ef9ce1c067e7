import { CloudFormationClient, GetTemplateCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { IoTClient } from '@aws-sdk/client-iot';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type Cloud, Faults, memoryLog, type SeenCall, startCloud } from '@esp-fleet/local-cloud';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { siteStackName } from '../../lib/fleet/names.ts';
import { startDeployment } from '../../test/end-to-end/support/deployment.ts';
import { ProvedDevice } from './device.ts';
import { type DeviceTemplate, deviceTemplate } from './device-template.ts';

export const SITE = 'proved';

/** A long-lived local cloud with a deployed site, in which one case runs after the other. */
export interface Lane {
  readonly faults: Faults;
  readonly cloudFormation: CloudFormationClient;
  readonly iot: IoTClient;
  readonly ssm: SSMClient;
  /** What the site's stack holds of one device. */
  readonly template: DeviceTemplate;
  /** Private keys that the cases made. */
  readonly keys: Set<string>;
  /** A device that was never there. */
  newDevice(): ProvedDevice;
  /** Whether a call was made by the code of the Lambda function. */
  isOfFunction(call: SeenCall): boolean;
  /** What stands in a log and must not; undefined when there is nothing. */
  leak(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Deploys a site with the real CDK CLI, once, and gives each lane a copy of that cloud. */
export async function openLanes(count: number): Promise<Lane[]> {
  const folder = mkdtempSync(join(tmpdir(), 'esp-fleet-prove-'));
  const lanes: Lane[] = [];
  let open = count;
  const closed = () => void (--open === 0 && rmSync(folder, { recursive: true, force: true }));
  try {
    const data = join(folder, 'deployed');
    await deploySite(data);
    for (let lane = 0; lane < count; lane++) {
      const copy = join(folder, String(lane));
      cpSync(data, copy, { recursive: true });
      lanes.push(await openLane(copy, closed));
    }
    return lanes;
  } catch (error) {
    await Promise.all(lanes.map((lane) => lane.close()));
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function deploySite(data: string): Promise<void> {
  const deployment = await startDeployment({ data });
  try {
    rmSync(join(deployment.fleetDir, 'home.yaml'));
    deployment.writeSite(SITE, 'devices:\n  the-device: { board: esp8266 }\n');
    const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    if (code !== 0) throw new Error(`cdk deploy failed: ${stderr}`);
  } finally {
    await deployment.close();
  }
}

async function openLane(data: string, closed: () => void): Promise<Lane> {
  const faults = new Faults();
  const log = memoryLog();
  const cloud = await startCloud({ port: 0, mqttPort: 0, data, log, faults });
  const client = clientOptions(cloud);
  const cloudFormation = new CloudFormationClient(client);
  const StackName = siteStackName(SITE);
  const { TemplateBody = '' } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
  const { StackResourceSummaries = [] } = await cloudFormation.send(new ListStackResourcesCommand({ StackName }));
  const physicalId = (type: string) =>
    StackResourceSummaries.find(({ ResourceType }) => ResourceType === type)?.PhysicalResourceId ?? '';
  const { FunctionArn = '', Role = '' } = await new LambdaClient(client).send(
    new GetFunctionConfigurationCommand({ FunctionName: physicalId('AWS::Lambda::Function') }),
  );
  const role = Role.replace(/^.*\//, '');
  const logs = new CloudWatchLogsClient(client);
  const logGroupName = physicalId('AWS::Logs::LogGroup');
  let devices = 0;
  const lane: Lane = {
    faults,
    cloudFormation,
    iot: new IoTClient(client),
    ssm: new SSMClient(client),
    template: deviceTemplate(TemplateBody, FunctionArn),
    keys: new Set(),
    newDevice: () => new ProvedDevice(lane, `device-${++devices}`),
    // Lambda itself writes the function's log with the function's role.
    isOfFunction: ({ caller, service }) => caller.includes(`:assumed-role/${role}/`) && service !== 'logs',
    async leak() {
      const text = [...log.lines];
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName }))
        text.push(...events.map(({ message = '' }) => message));
      return leakIn(text, lane.keys);
    },
    async close() {
      await cloud.close();
      closed();
    },
  };
  return lane;
}

/** What stands in a text that must stand in none; undefined when nothing does. */
export function leakIn(lines: readonly string[], keys: ReadonlySet<string>): string | undefined {
  const all = lines.join('\n');
  if (all.includes('PRIVATE KEY')) return 'a private key';
  if (all.includes('/cloudformation-response/')) return 'the URL of an answer to CloudFormation';
  return [...keys].some((key) => all.includes(key)) ? 'a part of a private key' : undefined;
}

function clientOptions({ endpoint, environment }: Cloud) {
  const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return { endpoint, region: AWS_REGION, credentials };
}
