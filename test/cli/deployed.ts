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
  IoTClient,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';

/* What AWS answers the verbs about a deployment: a double of the few calls they make. */

export const iot = mockClient(IoTClient);
export const cloudFormation = mockClient(CloudFormationClient);
export const ssm = mockClient(SSMClient);

const ACCOUNT = 'arn:aws:iot:eu-west-1:111122223333';

export function certificateId(digit: string): string {
  return digit.repeat(64);
}

export function certificateArn(digit: string): string {
  return `${ACCOUNT}:cert/${certificateId(digit)}`;
}

/** Nothing is deployed; every call that a test does not prepare answers what AWS would. */
export function nothingDeployed(): void {
  for (const client of [iot, cloudFormation, ssm]) client.reset();
  const $metadata = {};
  iot.rejects(new ResourceNotFoundException({ message: 'not here', $metadata }));
  ssm.rejects(new ParameterNotFound({ message: 'not here', $metadata }));
  cloudFormation.rejects(
    new CloudFormationServiceException({
      name: 'ValidationError',
      message: 'Stack with id x does not exist',
      $fault: 'client',
      $metadata,
    }),
  );
  stacks.clear();
  cloudFormation.on(ListStacksCommand).callsFake(() => ({ StackSummaries: [...stacks.values()] }));
  cloudFormation.on(DescribeStackEventsCommand).callsFake(({ StackName }: { StackName: string }) => ({
    StackEvents: stacks.get(StackName)?.events ?? [],
  }));
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
  const StackName = `fleet-site-${site}`;
  const StackId = `arn:aws:cloudformation:eu-west-1:111122223333:stack/${StackName}/1`;
  stacks.set(StackId, { StackName, StackId, StackStatus, events });
}

/** The stack of the time-series is there. */
export function telemetryDeployed(outputs: Readonly<Record<string, string>> = { TableName: 'time-series' }): void {
  const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  const stack = { StackName: 'fleet-telemetry', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE' as const };
  cloudFormation
    .on(DescribeStacksCommand, { StackName: 'fleet-telemetry' })
    .resolves({ Stacks: [{ ...stack, Outputs }] });
}

/** The stack of a site is there, with these things. */
export function siteDeployed(site: string, things: readonly string[]): void {
  siteStack(site, 'UPDATE_COMPLETE');
  cloudFormation.on(ListStackResourcesCommand, { StackName: `fleet-site-${site}` }).resolves({
    StackResourceSummaries: things.map((thing) => ({
      ResourceType: 'AWS::IoT::Thing',
      LogicalResourceId: thing,
      PhysicalResourceId: thing,
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

/** An identity as the deployment stores it. */
export function identityOf(device: string, digit: string, more: object = {}): object {
  return {
    thingName: device,
    spec: '1 ec',
    serial: 1,
    privateKeyPem: 'KEY',
    certificateId: certificateId(digit),
    certificateArn: certificateArn(digit),
    certificatePem: 'PEM',
    endpoint: 'x-ats.example.com',
    ...more,
  };
}

/** What the deployment stored for a device. */
export function identityStored(
  site: string,
  device: string,
  value: unknown,
  slot: 'identity' | 'previous' | 'next' = 'identity',
): void {
  ssm
    .on(GetParameterCommand, { Name: `/esp-fleet/${site}/${device}/${slot}`, WithDecryption: true })
    .resolves({ Parameter: { Value: typeof value === 'string' ? value : JSON.stringify(value) } });
}
