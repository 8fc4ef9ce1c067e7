import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { IoTClient } from '@aws-sdk/client-iot';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type Cloud, Faults, memoryLog, type SeenCall, startCloud } from '@esp-fleet/local-cloud';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pems } from '../../testing/cloud/board.ts';
import { identityAt } from '../../testing/cloud/emitted-identity.ts';
import { NAMES } from '../proved-fleet.ts';
import { functionStack, LIST_SITE, SITE, siteTemplates } from './deploy-site.ts';
import { type DeviceTemplate, deviceTemplate, type ListTemplate, listTemplate } from './device-template.ts';
import { leakIn } from './leaks.ts';

/** A long-lived local cloud with the functions of the sites, in which one case runs after the other. */
export interface Lane {
  readonly faults: Faults;
  /** Of the APIs. */
  readonly port: number;
  readonly mqttPort: number;
  /** What the firmware of all boards holds. */
  readonly claim: Pems;
  readonly cloudFormation: CloudFormationClient;
  readonly iot: IoTClient;
  readonly ssm: SSMClient;
  /** The folder of the fleet file. */
  readonly fleetDir: string;
  /** What the site's stack holds of one device. */
  readonly template: DeviceTemplate;
  readonly listTemplate: ListTemplate;
  readonly s3: S3Client;
  /** Private keys that the cases made. */
  readonly keys: Set<string>;
  /** A name that no device of it has had. */
  newName(): string;
  /** Whether a call was made by the code of one of the Lambda functions. */
  readonly isOfFunction: (call: SeenCall) => boolean;
  /** Whether a call writes the end of a run of one of them into its log. */
  readonly isEndOfRun: (call: SeenCall) => boolean;
  /** What stands in a log and must not; undefined when there is nothing. */
  leak(): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Opens the cloud in a data folder, as the AWS that the verbs of `fleet` in this process call.
 *
 * @param data where `deploySite` has deployed
 * @param port of its APIs; by default any
 */
export async function openLane(data: string, port = 0): Promise<Lane> {
  const faults = new Faults();
  const log = memoryLog();
  const cloud = await startCloud({ port, mqttPort: 0, data, log, faults });
  Object.assign(process.env, cloud.environment);
  const fleetDir = join(data, 'fleet');
  mkdirSync(fleetDir, { recursive: true });
  const client = clientOptions(cloud);
  const cloudFormation = new CloudFormationClient(client);
  const lambda = new LambdaClient(client);
  const functionOf = async (site: string) => {
    const StackName = functionStack(site);
    const { StackResourceSummaries = [] } = await cloudFormation.send(new ListStackResourcesCommand({ StackName }));
    const physicalId = (type: string) =>
      StackResourceSummaries.find(({ ResourceType }) => ResourceType === type)?.PhysicalResourceId ?? '';
    const FunctionName = physicalId('AWS::Lambda::Function');
    const { FunctionArn = '', Role = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return { arn: FunctionArn, role: Role.replace(/^.*\//, ''), logGroupName: physicalId('AWS::Logs::LogGroup') };
  };
  const [ofDevices, ofList] = [await functionOf(SITE), await functionOf(LIST_SITE)];
  const functions = [ofDevices, ofList];
  const isOfRole = ({ caller }: SeenCall) => functions.some(({ role }) => caller.includes(`:assumed-role/${role}/`));
  const logs = new CloudWatchLogsClient(client);
  let devices = 0;
  const lane: Lane = {
    faults,
    port: Number(new URL(cloud.endpoint).port),
    mqttPort: cloud.mqttPort,
    claim: (await identityAt({ client, cloud }, NAMES.claimPath)).pems,
    cloudFormation,
    iot: new IoTClient(client),
    ssm: new SSMClient(client),
    fleetDir,
    template: deviceTemplate(siteTemplates(data), SITE, ofDevices.arn),
    listTemplate: listTemplate(siteTemplates(data), ofList.arn),
    s3: new S3Client({ ...client, forcePathStyle: true }),
    keys: new Set(),
    newName: () => `device-${++devices}`,
    // Lambda itself writes the function's log with the function's role.
    isOfFunction: (call) => isOfRole(call) && call.service !== 'logs',
    isEndOfRun: (call) => isOfRole(call) && call.operation === 'PutLogEvents',
    async leak() {
      const text = [...log.lines];
      for (const { logGroupName } of functions)
        for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName }))
          text.push(...events.map(({ message = '' }) => message));
      return leakIn(text, lane.keys);
    },
    close: () => cloud.close(),
  };
  return lane;
}

function clientOptions({ endpoint, environment }: Cloud) {
  const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return { endpoint, region: AWS_REGION, credentials };
}
