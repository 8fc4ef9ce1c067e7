/** Where a number comes from. */
export interface Sourced {
  /** Title of the page and what it says, or who saw it. */
  readonly source: string;
  /** AWS documents it. Else users saw it, or it is assumed, which the source says. */
  readonly documented: boolean;
}

/** Requests a second that an account and region have, as a bucket of tokens. */
export interface Rate extends Sourced {
  /** Short name of the service. */
  readonly service: string;
  /** Each has a bucket of its own, unless `shared`. */
  readonly operations: readonly string[];
  readonly shared?: boolean;
  /** Tokens that come each second. */
  readonly perSecond: number;
  /** Tokens that a bucket holds. */
  readonly burst: number;
}

/** Seconds until something is seen, or until something is tried again. */
export interface Lag extends Sourced {
  readonly what: string;
  /** One pause, or those before each further attempt. */
  readonly seconds: number | readonly number[];
  /** What the quick pace takes instead. @default 0 */
  readonly quick?: number | readonly number[];
  /** It is a pause until a rate has room again, and stays as long as the rates stay, whatever `divideLags` says. */
  readonly goesWithRates?: true;
}

/** What AWS refuses in either pace. */
export interface Limit extends Sourced {
  readonly what: string;
  readonly most: number;
}

const QUOTAS = 'AWS IoT Core service quotas (Service Quotas, defaults, 2023)';
const LIMITS_2019 = 'AWS IoT Core limits of 2019 (IoT Developer Guide, throttling limits); the newest that was found';
const A_SECOND = 'The burst is not documented: a second of it is assumed.';

/** A rate that AWS documents, but for its burst. */
const documented = (service: string, perSecond: number, operations: readonly string[], source: string): Rate => ({
  ...{ service, operations, perSecond, burst: perSecond },
  source: `${source}. ${A_SECOND}`,
  documented: true,
});

/** Request limits. An operation that stands in no row is not limited here. */
export const RATES: readonly Rate[] = [
  {
    ...{ service: 'ssm', operations: ['PutParameter'], perSecond: 3, burst: 20 },
    source:
      'AWS Support, quoted in github-aws-runners/terraform-aws-github-runner issue 2944: 3 a second, 10 with the paid throughput. Burst: sudolabs-io/aws-ssm-cli issue 503: exactly 20 of 44 puts at once passed.',
    documented: false,
  },
  {
    ...{ service: 'ssm', operations: ['DeleteParameter'], perSecond: 3, burst: 20 },
    source:
      'github-aws-runners/terraform-aws-github-runner issue 5243 saw it throttled. The number is assumed to be that of PutParameter.',
    documented: false,
  },
  {
    ...documented(
      'ssm',
      40,
      ['GetParameter', 'GetParameters'],
      'AWS Systems Manager endpoints and quotas: 40 a second by default',
    ),
    shared: true,
  },
  documented('iot', 350, ['DescribeThing'], QUOTAS),
  documented(
    'iot',
    100,
    ['CreateThing', 'UpdateThing', 'DeleteThing', 'AttachThingPrincipal', 'DetachThingPrincipal'],
    QUOTAS,
  ),
  documented(
    'iot',
    10,
    ['ListThings', 'ListThingPrincipals', 'ListPrincipalThings', 'TagResource', 'UntagResource'],
    QUOTAS,
  ),
  {
    ...{ service: 'iot', operations: ['ListThingPrincipalsV2', 'ListPrincipalThingsV2'], perSecond: 10, burst: 10 },
    source: 'Service Quotas has one for each; the number was not found, and that of the calls without V2 is assumed.',
    documented: false,
  },
  documented(
    'iot',
    15,
    ['AttachPolicy', 'DetachPolicy', 'CreateCertificateFromCsr', 'ListAttachedPolicies', 'GetPolicyVersion'],
    LIMITS_2019,
  ),
  documented(
    'iot',
    10,
    [
      ...['DescribeCertificate', 'UpdateCertificate', 'DeleteCertificate', 'ListCertificates'],
      ...['CreatePolicy', 'GetPolicy', 'DeletePolicy', 'ListPolicies', 'ListTargetsForPolicy'],
      ...['CreatePolicyVersion', 'DeletePolicyVersion', 'ListPolicyVersions'],
    ],
    LIMITS_2019,
  ),
  {
    ...{ service: 'iot', operations: ['GetEffectivePolicies'], perSecond: 10, burst: 10 },
    source: 'The number was not found, and that of GetPolicy is assumed.',
    documented: false,
  },
  documented('cloudwatch', 3, ['PutMetricAlarm', 'DeleteAlarms'], 'CloudWatch service quotas'),
  documented('cloudwatch', 9, ['DescribeAlarms'], 'CloudWatch service quotas'),
  documented('cloudwatch', 500, ['PutMetricData'], 'CloudWatch service quotas'),
];

const DOUBLING = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300];

/** How long AWS takes. */
export const LAGS = {
  'policy-detached': {
    what: 'after the last detach, DeletePolicy goes on answering DeleteConflictException; ListTargetsForPolicy is empty at once',
    seconds: 300,
    source:
      'IoT API Reference, DetachPolicy: up to five minutes; the whole of it is taken. hashicorp/terraform-provider-aws PR 34329 added retries for it.',
    documented: true,
  },
  'thing-detached': {
    what: 'DetachThingPrincipal takes effect; until then DeleteThing and DeleteCertificate are refused',
    seconds: 10,
    source: 'IoT API Reference, DetachThingPrincipal: asynchronous, "several seconds"; ten are assumed.',
    documented: true,
  },
  'thing-updated': {
    what: 'DescribeThing shows what UpdateThing wrote; UpdateThing itself compares `expectedVersion` with the latest version',
    seconds: 5,
    source:
      'No document says that it does at once; IoT API Reference, VersionConflictException: "the latest version in the system". Five seconds are assumed.',
    documented: false,
  },
  'certificate-deactivated': {
    what: 'live sessions of a certificate that is no longer ACTIVE end; a new connection is refused at once',
    seconds: 180,
    source:
      'IoT API Reference, UpdateCertificate: "within a few minutes"; three are assumed. Whether it is refused at once is not documented.',
    documented: true,
  },
  'new-role': {
    what: 'a new role can be assumed, by a principal or by a service',
    seconds: 10,
    source:
      'IAM User Guide, troubleshooting: changes take time. ansible-collections/community.aws issue 710: Lambda could use a new role after 5 to 10 seconds.',
    documented: false,
  },
  'role-permissions': {
    what: 'a change of what a role may do, or of who may assume it, is seen',
    seconds: 20,
    source:
      'aws/aws-cdk issues 18237, 23340 and 37675: AccessDenied at once after CloudFormation had called the policy complete. Twenty seconds are assumed; reports go up to three minutes.',
    documented: false,
  },
  'new-metric': {
    what: 'the values of a new metric are seen, by alarms as well',
    seconds: 120,
    source: 'CloudWatch User Guide, "Publish custom metrics": up to two minutes until GetMetricStatistics has them.',
    documented: true,
  },
  'cloudformation-iam': {
    what: 'CloudFormation calls a role or a policy of a role complete',
    seconds: 15,
    source: 'Events of stacks that people published: 13 to 18 s for AWS::IAM::Role, 9 to 16 s for AWS::IAM::Policy.',
    documented: false,
  },
  'cloudformation-retries': {
    goesWithRates: true,
    what: 'CloudFormation makes a call again that was throttled or met an internal error',
    seconds: [1, 2, 4, 8, 16, ...Array<number>(11).fill(20)],
    quick: [0.025, 0.05, 0.1, 0.2],
    source:
      'CloudFormation CLI User Guide, resource type handler error codes: Throttling is retriable. How often is not documented; sixteen times, 20 s apart at the most, as the clients in aws-cloudformation/aws-cloudformation-resource-providers-ssm do.',
    documented: false,
  },
  'lambda-throttled': {
    what: 'Lambda tries an event again that found no free concurrency; the last pause holds on until the event is six hours old',
    seconds: DOUBLING,
    source:
      'Lambda Developer Guide, invocation-async-error-handling: exponentially from 1 second to 5 minutes, for up to 6 hours.',
    documented: true,
  },
  'lambda-failed': {
    what: 'Lambda tries an event again whose function failed',
    seconds: [60, 120],
    quick: [1, 2],
    source: 'Lambda Developer Guide, invocation-async-error-handling: one minute, then two.',
    documented: true,
  },
} as const satisfies Readonly<Record<string, Lag>>;

export type LagName = keyof typeof LAGS;

/** Functions that run at a time in an account and region. */
export const LAMBDA_CONCURRENCY: Limit = {
  what: 'functions that run at a time in an account and region; a call beyond gets TooManyRequestsException, an event waits (`--lambda-concurrency N` sets another)',
  most: 1000,
  source: 'Lambda Developer Guide, gettingstarted-limits: 1,000; new accounts have less. Users report 10.',
  documented: true,
};

/** What is refused in either pace, since waiting does not help. */
export const LIMITS = {
  filtersPerSubscribe: {
    what: 'topic filters in one SUBSCRIBE; one more ends the connection',
    most: 8,
    source:
      'AWS IoT Core endpoints and quotas. That it ends the connection: dotnet/MQTTnet issue 1427, aws/aws-iot-device-sdk-embedded-C issue 1903.',
    documented: true,
  },
  subscriptionsPerConnection: {
    what: 'subscriptions of one connection; one more gets SUBACK 0x80, and the connection stays',
    most: 50,
    source:
      'AWS IoT Core endpoints and quotas. SUBACK: aws-greengrass/aws-greengrass-lite issue 1176, shamblett/mqtt_client issue 368.',
    documented: true,
  },
  ownershipTokenSeconds: {
    what: 'seconds that a certificate ownership token is valid for; then a certificate goes with it that is PENDING_ACTIVATION still, or attached to nothing',
    most: 3600,
    source:
      'IoT Developer Guide, fleet-provision-api: one hour; deleted is what "hasn\'t been activated and attached to a policy or a thing".',
    documented: true,
  },
  provisioningHookSeconds: {
    what: 'seconds that a pre-provisioning hook has; without its answer the device is refused',
    most: 5,
    source: 'IoT Developer Guide, pre-provisioning-hook.',
    documented: true,
  },
  nestingLevels: {
    what: 'levels of a value in a DynamoDB item, the innermost included; one more gets ValidationException',
    most: 32,
    source:
      'DynamoDB Developer Guide, Constraints. Boundary and message as nubo-db/dynoxide issue 110 measured them: 31 maps around a text pass, 32 do not.',
    documented: true,
  },
  attributeNameBytes: {
    what: 'bytes of an attribute name in a DynamoDB item, at least 1; else ValidationException',
    most: 65_535,
    source: 'DynamoDB Developer Guide, Constraints. Message as ExtendDB/extenddb issue 365 measured it.',
    documented: true,
  },
} as const satisfies Readonly<Record<string, Limit>>;
