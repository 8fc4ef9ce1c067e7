import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCloudFormation } from './cloudformation/cloudformation.ts';
import { cloudWatchService } from './cloudwatch/cloudwatch-service.ts';
import { Dispatcher } from './dispatcher.ts';
import { dynamoDbService } from './dynamodb/dynamodb-service.ts';
import { ecrService } from './ecr/ecr-service.ts';
import type { Faults } from './faults/faults.ts';
import { iamService } from './iam/iam-service.ts';
import { IamStore } from './iam/iam-store.ts';
import { withIotLog } from './iot/iot-log.ts';
import { logsErrors } from './iot/logging-options.ts';
import { type ProvisioningTimes, createIot } from './iot/iot.ts';
import { lambdaService } from './lambda/lambda-service.ts';
import { type Log, streamLog } from './log.ts';
import { LogStore } from './logs/log-store.ts';
import { logsService } from './logs/logs-service.ts';
import { s3Service } from './s3/s3-service.ts';
import { Pace, type PaceOptions } from './pace/pace.ts';
import { answeredReadings, DEFAULT_READINGS, type Readings } from './readings.ts';
import type { Account, Service } from './service.ts';
import { snsService } from './sns/sns-service.ts';
import { sqsService } from './sqs/sqs-service.ts';
import { ssmService } from './ssm/ssm-service.ts';
import { State } from './state/state.ts';
import { Sessions } from './sts/sessions.ts';
import { stsService } from './sts/sts-service.ts';
import { type Extra, createHttpServer } from './wire/http-server.ts';

export { refuseBesideAnother, writeEnvironment } from './environment.ts';
export { type Fault, finalFailure, passingFailure, type SeenCall } from './faults/fault.ts';
export { Faults } from './faults/faults.ts';
export { lanAddress, lanNotice } from './lan.ts';
export { memoryLog, refusalLine, streamLog, type Log } from './log.ts';
export type { PaceOptions } from './pace/pace.ts';
export { DEFAULT_READINGS, type Readings, READINGS } from './readings.ts';
export { startFailure } from './start-failure.ts';

export interface CloudOptions {
  /** Port of all AWS APIs on 127.0.0.1; 0 takes any free one. @default 4566 */
  readonly port?: number;
  /** Port of the MQTT broker on 127.0.0.1; 0 takes any free one. @default 8883 */
  readonly mqttPort?: number;
  /** An IPv4 address of this machine on which the broker, and nothing else, listens besides, see `lanAddress`. @default none */
  readonly lan?: string;
  /** Folder that keeps everything over a restart. @default nothing is kept */
  readonly data?: string;
  /** @default lines on stderr */
  readonly log?: Log;
  /** What is assumed where AWS's documents leave it open. @default what `answers` has, else the first value of each of `READINGS` */
  readonly readings?: Partial<Readings>;
  /** A file with what AWS has answered; it may be missing. @default `aws-answers.json` beside this package's README */
  readonly answers?: string;
  /** Whether AWS's limits and lags are kept. @default quick: they are not */
  readonly pace?: PaceOptions;
  /** How long provisioning takes at the most, for tests. @default as long as at AWS */
  readonly provisioning?: Partial<ProvisioningTimes>;
  /** What goes wrong, for tests. @default nothing */
  readonly faults?: Faults;
}

/** A running local cloud. */
export interface Cloud {
  /** e.g. `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly mqttPort: number;
  /** What devices are told to connect to, with a port unless it is 8883. */
  readonly mqttAddress: string;
  /** PEM of the certificate authority that signs the broker's and the devices' certificates. */
  readonly rootCaPem: string;
  /** Environment variables that lead AWS's SDKs and CLIs here. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it assumes. Another value counts from then on. */
  readonly readings: { -readonly [Name in keyof Readings]: Readings[Name] };
  /** All that it serves, by which local/README.md says what that is. */
  readonly services: readonly Service[];
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
// AWS shows example accounts as twelve digits alike; none is ever real.
const ACCOUNT: Account = { id: '000000000000', region: 'us-east-1' };

/** Starts the local cloud, bootstrapped for CDK. Throws when a port is taken or the data folder can't be used. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const log = options.log ?? streamLog(process.stderr);
  const closing: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    return await start(options, log, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  {
    port = 4566,
    mqttPort = 8883,
    lan,
    data,
    answers,
    readings: chosen,
    pace: paceOptions,
    provisioning,
    faults,
  }: CloudOptions,
  log: Log,
  closing: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Cloud> {
  const state = await State.open(data && join(data, 'state'));
  closing.push(() => state.close());
  const scratch = await mkdtemp(join(tmpdir(), 'local-cloud-'));
  closing.push(() => rm(scratch, { recursive: true, force: true }));

  const pace = new Pace(paceOptions ?? { name: 'quick' });
  const iam = new IamStore(state, ACCOUNT, pace);
  const sessions = new Sessions(state, iam);
  const dispatcher = new Dispatcher(ACCOUNT, log, faults, pace);
  let endpoint = '';
  const cloudWatch = cloudWatchService({ state, account: ACCOUNT, log, pace });
  closing.push(() => cloudWatch.close());
  const { metrics } = cloudWatch;
  const readings = { ...DEFAULT_READINGS, ...answeredReadings(answers), ...chosen };
  const common = {
    state,
    account: ACCOUNT,
    iam,
    sessions,
    dispatcher,
    log,
    metrics,
    readings,
    pace,
    endpoint: () => endpoint,
  };

  const dynamoDb = dynamoDbService({ ...common, folder: data && join(data, 'dynamodb') });
  closing.push(() => dynamoDb.close());
  const cloudFormation = createCloudFormation(common);
  const lambda = lambdaService({ ...common, scratch, eventEnded: (run) => cloudFormation.functionEnded(run) });
  closing.push(() => lambda.close());
  faults?.onCrash(({ accessKeyId = '' }) => lambda.crash(accessKeyId));
  const logs = new LogStore(state, ACCOUNT);
  const iotLog = withIotLog(log, logs, ACCOUNT, () => logsErrors(state));
  const iot = await createIot({
    ...common,
    log: iotLog,
    host: HOST,
    ...(lan !== undefined && { lan }),
    mqttPort,
    provisioning,
  });
  closing.push(() => iot.close());
  closing.push(() => cloudFormation.close());

  const services = [
    iamService(iam),
    stsService(iam, sessions),
    s3Service(common),
    ssmService(common),
    snsService(common),
    sqsService(common),
    logsService({ ...common, logs }),
    ecrService(common),
    cloudWatch.service,
    dynamoDb.service,
    lambda.service,
    ...iot.services,
    cloudFormation.service,
  ];
  for (const service of services) dispatcher.register(service);

  const rootCa: Extra = ({ method, rawPath }) =>
    method === 'GET' && rawPath === '/root-ca.pem'
      ? { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body: iot.rootCaPem }
      : undefined;
  const http = createHttpServer({
    dispatcher,
    credentials: sessions,
    log,
    durable: () => state.flush(),
    extras: [rootCa, cloudFormation.extra],
  });
  await listen(http, port);
  closing.push(() => closeServer(http));
  endpoint = `http://${HOST}:${(http.address() as AddressInfo).port}`;
  await iot.listen();
  await cloudFormation.bootstrap(iam.operator());
  pace.begin();

  return {
    endpoint,
    mqttPort: iot.mqttPort,
    mqttAddress: iot.endpointAddress,
    rootCaPem: iot.rootCaPem,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: sessions.operator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: sessions.operator.secretAccessKey,
      AWS_REGION: ACCOUNT.region,
      AWS_DEFAULT_REGION: ACCOUNT.region,
      // On Node.js 20 the SDK, which the CDK CLI has in it too, would say at every command that it will want 22.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    readings,
    services,
    close,
  };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
