import {
  CloudFormationClient,
  CloudFormationServiceException,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  type StackEvent,
  type StackStatus,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListPrincipalThingsCommand,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
  UpdateThingCommand,
  type UpdateThingCommandInput,
} from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import {
  GetParameterCommand,
  type GetParameterCommandInput,
  GetParametersByPathCommand,
  type GetParametersByPathCommandInput,
  ParameterNotFound,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import type { IssuedCertificate } from '../../aws/certificates.ts';
import type { Part } from '../../aws/identities.ts';

/* What AWS answers the verbs about a deployment: a double of the few calls they make. */

export const iot = mockClient(IoTClient);
export const cloudFormation = mockClient(CloudFormationClient);
export const ssm = mockClient(SSMClient);
export const iotData = mockClient(IoTDataPlaneClient);

const ACCOUNT = 'arn:aws:iot:eu-west-1:111122223333';

export function certificateId(digit: string): string {
  return digit.repeat(64);
}

export function certificateArn(digit: string): string {
  return `${ACCOUNT}:cert/${certificateId(digit)}`;
}

/** As AWS IoT refuses what is about something that does not exist. */
export const notThere = () => new ResourceNotFoundException({ message: 'not here', $metadata: {} });

/** Nothing is deployed; every call that a test does not prepare answers what AWS would. */
export function nothingDeployed(): void {
  for (const client of [iot, cloudFormation, ssm, iotData]) client.reset();
  iot.rejects(notThere());
  const noParameter = () => new ParameterNotFound({ message: 'not here', $metadata: {} });
  ssm.rejects(noParameter());
  cloudFormation.rejects(noStack());
  stacks.clear();
  parameters.clear();
  ssm.on(GetParametersByPathCommand).callsFake(({ Path = '' }: GetParametersByPathCommandInput) => ({
    Parameters: [...parameters]
      .filter(([name]) => name.startsWith(`${Path}/`))
      .map(([Name, Value]) => ({ Name, Value })),
  }));
  ssm.on(GetParameterCommand).callsFake(({ Name = '' }: GetParameterCommandInput) => {
    const Value = parameters.get(Name);
    if (Value === undefined) throw noParameter();
    return { Parameter: { Value } };
  });
  cloudFormation.on(ListStacksCommand).callsFake(() => ({ StackSummaries: [...stacks.values()] }));
  cloudFormation.on(DescribeStackEventsCommand).callsFake(({ StackName }: { StackName: string }) => ({
    StackEvents: stacks.get(StackName)?.events ?? [],
  }));
}

function noStack(): CloudFormationServiceException {
  return new CloudFormationServiceException({
    name: 'ValidationError',
    message: 'Stack with id x does not exist',
    $fault: 'client',
    $metadata: {},
  });
}

/** The stack of the time-series is not there any more. */
export function telemetryGone(): void {
  cloudFormation.on(DescribeStacksCommand, { StackName: 'fleet-telemetry' }).rejects(noStack());
}

interface Stack {
  readonly StackName: string;
  readonly StackId: string;
  readonly StackStatus: StackStatus;
  readonly events: readonly Partial<StackEvent>[];
}

/** By id. */
const stacks = new Map<string, Stack>();

/** A site has a stack of this status, to which this has happened, the newest first. */
export function siteStack(site: string, StackStatus: StackStatus, events: readonly Partial<StackEvent>[] = []): void {
  stackThere(`fleet-site-${site}`, StackStatus, events);
}

/** A stack by its name. */
export function stackThere(StackName: string, StackStatus: StackStatus, events: Stack['events'] = []): void {
  const StackId = `arn:aws:cloudformation:eu-west-1:111122223333:stack/${StackName}/1`;
  stacks.set(StackId, { StackName, StackId, StackStatus, events });
}

/** By the settings that this repository's cdk.json has. */
const ROW_SETTINGS = { stamps: ['received', 'full_topic', 'measured'], ingest: 'broker', payload: 'columns' };

/** The stack of the time-series is there. */
export function telemetryDeployed(
  outputs: Readonly<Record<string, string>> = {},
  StackStatus: StackStatus = 'CREATE_COMPLETE',
): void {
  const all = { TableName: 'time-series', RowSettings: JSON.stringify(ROW_SETTINGS), ...outputs };
  const Outputs = Object.entries(all).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  const stack = { StackName: 'fleet-telemetry', CreationTime: new Date(0), StackStatus };
  cloudFormation
    .on(DescribeStacksCommand, { StackName: 'fleet-telemetry' })
    .resolves({ Stacks: [{ ...stack, Outputs }] });
}

/** The stack of a site is there, with these things, and certificates by the digit of their ids. */
export function siteDeployed(site: string, things: readonly string[], digits = ''): void {
  siteStack(site, 'UPDATE_COMPLETE');
  const resources = [
    ...things.map((thing) => ['AWS::IoT::Thing', thing] as const),
    ...[...digits].map((digit) => ['Custom::DeviceCertificate', certificateId(digit)] as const),
  ];
  cloudFormation.on(ListStackResourcesCommand, { StackName: `fleet-site-${site}` }).resolves({
    StackResourceSummaries: resources.map(([ResourceType, PhysicalResourceId]) => ({
      ResourceType,
      LogicalResourceId: PhysicalResourceId,
      PhysicalResourceId,
      ResourceStatus: 'CREATE_COMPLETE',
      LastUpdatedTimestamp: new Date(0),
    })),
  });
}

/** A thing with certificates of these statuses, by the digit that their ids consist of. */
export function thingHas(
  thingName: string,
  certificates: Readonly<Record<string, 'ACTIVE' | 'INACTIVE' | 'REVOKED'>>,
): void {
  const digits = Object.keys(certificates);
  iot.on(ListThingPrincipalsCommand, { thingName }).resolves({ principals: digits.map(certificateArn) });
  for (const digit of digits) {
    iot.on(DescribeCertificateCommand, { certificateId: certificateId(digit) }).resolves({
      certificateDescription: {
        certificateId: certificateId(digit),
        certificateArn: certificateArn(digit),
        status: certificates[digit],
        certificatePem: 'PEM',
        creationDate: new Date('2026-01-31T12:00:00Z'),
        validity: { notAfter: new Date('2049-12-31T23:59:59Z') },
      },
    });
  }
}

/** The attributes of a thing. What is written is read late: not by the first read after it. */
export function thingSays(thingName: string, attributes: Readonly<Record<string, string>>): void {
  let [shown, written] = [attributes, attributes];
  iot.on(DescribeThingCommand, { thingName }).callsFake(() => {
    const answer = { attributes: shown, version: 7 };
    shown = written;
    return answer;
  });
  iot.on(UpdateThingCommand, { thingName }).callsFake(({ attributePayload }: UpdateThingCommandInput) => {
    written = { ...written, ...attributePayload?.attributes };
    return {};
  });
}

/** What a certificate is attached to. */
export function attached(digit: string, things: string[], policies: string[]): void {
  iot.on(ListPrincipalThingsCommand, { principal: certificateArn(digit) }).resolves({ things });
  iot
    .on(ListAttachedPoliciesCommand, { target: certificateArn(digit) })
    .resolves({ policies: policies.map((policyName) => ({ policyName })) });
}

/** What is stored of a certificate. */
export function certificateOf(digit: string, certificatePem = 'PEM'): IssuedCertificate {
  return { certificateId: certificateId(digit), certificateArn: certificateArn(digit), certificatePem };
}

/** By name. */
const parameters = new Map<string, string>();

/** What the deployment stored of a generation of a device, such as `home/kitchen/1`; undefined takes it away. */
export function stored(
  generation: string,
  parts: { readonly [part in Part]?: string | IssuedCertificate | undefined },
): void {
  for (const [part, value] of Object.entries(parts)) {
    const name = `/esp-fleet/${generation}/${part}`;
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
}
