import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { IoTClient } from '@aws-sdk/client-iot';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type Cloud, Faults, memoryLog, type SeenCall, startCloud } from '@esp-fleet/local-cloud';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FUNCTION_STACK, SITE, siteTemplates } from './deploy-site.ts';
import { type DeviceTemplate, deviceTemplate } from './device-template.ts';
import { leakIn } from './leaks.ts';

/** A long-lived local cloud with the function of a site, in which one case runs after the other. */
export interface Lane {
  readonly faults: Faults;
  /** Of the APIs. */
  readonly port: number;
  readonly cloudFormation: CloudFormationClient;
  readonly iot: IoTClient;
  readonly ssm: SSMClient;
  /** The folder of the fleet file. */
  readonly fleetDir: string;
  /** What the site's stack holds of one device. */
  readonly template: DeviceTemplate;
  /** Private keys that the cases made. */
  readonly keys: Set<string>;
  /** A name that no device of it has had. */
  newName(): string;
  /** Whether a call was made by the code of the Lambda function. */
  readonly isOfFunction: (call: SeenCall) => boolean;
  /** Whether a call writes the end of a run of the Lambda function into its log. */
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
  const { StackResourceSummaries = [] } = await cloudFormation.send(
    new ListStackResourcesCommand({ StackName: FUNCTION_STACK }),
  );
  const physicalId = (type: string) =>
    StackResourceSummaries.find(({ ResourceType }) => ResourceType === type)?.PhysicalResourceId ?? '';
  const { FunctionArn = '', Role = '' } = await new LambdaClient(client).send(
    new GetFunctionConfigurationCommand({ FunctionName: physicalId('AWS::Lambda::Function') }),
  );
  const role = Role.replace(/^.*\//, '');
  const isOfRole = ({ caller }: SeenCall) => caller.includes(`:assumed-role/${role}/`);
  const logs = new CloudWatchLogsClient(client);
  const logGroupName = physicalId('AWS::Logs::LogGroup');
  let devices = 0;
  const lane: Lane = {
    faults,
    port: Number(new URL(cloud.endpoint).port),
    cloudFormation,
    iot: new IoTClient(client),
    ssm: new SSMClient(client),
    fleetDir,
    template: deviceTemplate(siteTemplates(data), SITE, FunctionArn),
    keys: new Set(),
    newName: () => `device-${++devices}`,
    // Lambda itself writes the function's log with the function's role.
    isOfFunction: (call) => isOfRole(call) && call.service !== 'logs',
    isEndOfRun: (call) => isOfRole(call) && call.operation === 'PutLogEvents',
    async leak() {
      const text = [...log.lines];
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
