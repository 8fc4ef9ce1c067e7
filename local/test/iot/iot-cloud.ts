import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import * as cloudWatchSdk from '@aws-sdk/client-cloudwatch';
import * as dynamoDbSdk from '@aws-sdk/client-dynamodb';
import * as sqsSdk from '@aws-sdk/client-sqs';
import * as x509 from '@peculiar/x509';
import { type IClientOptions, type MqttClient, connect as mqttConnect } from 'mqtt';
import { vi } from 'vitest';
import { MetricStore } from '../../src/cloudwatch/metric-store.ts';
import { Dispatcher } from '../../src/dispatcher.ts';
import { IamStore } from '../../src/iam/iam-store.ts';
import { iamService } from '../../src/iam/iam-service.ts';
import { type Iot, type ProvisioningTimes, createIot } from '../../src/iot/iot.ts';
import { quickPace } from '../../src/pace/pace.ts';
import { DEFAULT_READINGS, type Readings } from '../../src/readings.ts';
import { memoryLog } from '../../src/log.ts';
import type { Principal } from '../../src/policy/principal.ts';
import { type Service, operation } from '../../src/service.ts';
import { State } from '../../src/state/state.ts';
import { serviceModel } from '../../src/wire/model.ts';

export const ACCOUNT = { id: '123456789012', region: 'eu-central-1' };
export const arn = (resource: string): string => `arn:aws:iot:eu-central-1:123456789012:${resource}`;
/** Longest wait for an event, in milliseconds. */
const PATIENCE_MS = 30_000;

/** Options of a connection; MQTT.js hands those of TLS on. */
export type ConnectOptions = IClientOptions & Pick<ConnectionOptions, 'minVersion' | 'maxVersion'>;

/** What a device needs to connect, in PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly certificateId: string;
}

/** Makes a key pair and its CSR. */
export async function makeCsr(
  algorithm: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams = EC,
): Promise<{ key: string; csr: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=whatever a device says',
    keys,
    signingAlgorithm: { name: algorithm.name, hash: 'SHA-256' },
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'), csr: request.toString('pem') };
}
export const EC: webcrypto.EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };

/** The policy of a device as esp-fleet deploys it. */
export const devicePolicy = (name: string): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Connect',
      Effect: 'Allow',
      Action: 'iot:Connect',
      Resource: arn(`client/${name}`),
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
    },
    { Sid: 'Publish', Effect: 'Allow', Action: 'iot:Publish', Resource: arn(`topic/rtjm/${name}/*`) },
    { Sid: 'Subscribe', Effect: 'Allow', Action: 'iot:Subscribe', Resource: arn(`topicfilter/cmd/rtjm/${name}/*`) },
    { Sid: 'Receive', Effect: 'Allow', Action: 'iot:Receive', Resource: arn(`topic/cmd/rtjm/${name}/*`) },
  ],
});

/** AWS IoT Core with IAM, and tables and queues that only remember. */
export class IotCloud {
  readonly log: ReturnType<typeof memoryLog>;
  readonly iam: IamStore;
  readonly iot: Iot;
  readonly operator: Principal;
  readonly dispatcher: Dispatcher;
  readonly metrics: MetricStore;
  readonly rows: { TableName: string; Item: Record<string, dynamoDbSdk.AttributeValue> }[] = [];
  readonly letters: { QueueUrl: string; MessageBody: string }[] = [];
  readonly values: cloudWatchSdk.PutMetricDataInput[] = [];
  /** Called before a row is written; what it throws is what DynamoDB answers. */
  beforeRow: (item: Record<string, dynamoDbSdk.AttributeValue>) => void | Promise<void> = () => undefined;
  readonly #clients: MqttClient[] = [];

  private constructor(parts: Pick<IotCloud, 'log' | 'dispatcher' | 'iam' | 'iot' | 'metrics'>) {
    this.log = parts.log;
    this.dispatcher = parts.dispatcher;
    this.iam = parts.iam;
    this.iot = parts.iot;
    this.metrics = parts.metrics;
    this.operator = parts.iam.operator();
  }

  /** @param given the state of an earlier cloud. @param chosen what AWS leaves open, where it is not the default. @param pace quick by default */
  static async start(
    given?: State,
    chosen?: Partial<Readings>,
    pace = quickPace(),
    provisioning?: Partial<ProvisioningTimes>,
  ): Promise<IotCloud> {
    const state = given ?? (await State.open());
    const log = memoryLog();
    const dispatcher = new Dispatcher(ACCOUNT, log);
    const iam = new IamStore(state, ACCOUNT);
    const metrics = new MetricStore(state);
    const readings = { ...DEFAULT_READINGS, ...chosen };
    const mqtt = { mqttPort: 0, host: '127.0.0.1' };
    const iot = await createIot({
      state,
      account: ACCOUNT,
      iam,
      dispatcher,
      metrics,
      log,
      readings,
      pace,
      provisioning,
      ...mqtt,
    });
    const cloud = new IotCloud({ log, dispatcher, iam, iot, metrics });
    for (const service of [...iot.services, iamService(iam), cloud.#dynamoDb(), cloud.#sqs(), cloud.#cloudWatch()])
      dispatcher.register(service);
    await iot.listen();
    return cloud;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.endAsync(true)));
    await this.iot.close();
  }

  /** Calls the control plane as the operator, or as someone else. */
  call<O = Record<string, never>>(name: string, input: object = {}, principal = this.operator): Promise<O> {
    return this.dispatcher.invoke<O>(principal, 'iot', name, input);
  }

  data<O = Record<string, never>>(name: string, input: object, principal = this.operator): Promise<O> {
    return this.dispatcher.invoke<O>(principal, 'iot-data', name, input);
  }

  /** Certifies a new key. */
  async certify(algorithm?: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams): Promise<Identity> {
    const { key, csr } = await makeCsr(algorithm);
    const made = await this.call<{ certificatePem: string; certificateId: string }>('CreateCertificateFromCsr', {
      certificateSigningRequest: csr,
      setAsActive: true,
    });
    return { key, cert: made.certificatePem, certificateId: made.certificateId };
  }

  /** Makes a policy and attaches it to a certificate. */
  async allow({ certificateId }: Identity, policyName: string, document: object): Promise<void> {
    await this.call('CreatePolicy', { policyName, policyDocument: JSON.stringify(document) });
    await this.call('AttachPolicy', { policyName, target: arn(`cert/${certificateId}`) });
  }

  /** A device as esp-fleet deploys it: thing, certificate and policy, with the certificate exclusively attached. */
  async device(name: string, policy: object = devicePolicy(name)): Promise<Identity> {
    const identity = await this.certify();
    await this.call('CreateThing', { thingName: name });
    await this.call('AttachThingPrincipal', {
      thingName: name,
      principal: arn(`cert/${identity.certificateId}`),
      thingPrincipalType: 'EXCLUSIVE_THING',
    });
    await this.allow(identity, name, policy);
    return identity;
  }

  /** Starts to connect; never tries again. */
  open(identity: Partial<Identity>, clientId: string, options: ConnectOptions = {}): MqttClient {
    const all: ConnectOptions = {
      protocol: 'mqtts',
      host: 'localhost',
      port: this.iot.mqttPort,
      ca: this.iot.rootCaPem,
      key: identity.key,
      cert: identity.cert,
      clientId,
      reconnectPeriod: 0,
      connectTimeout: PATIENCE_MS,
      ...options,
    };
    const client = mqttConnect(all);
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** Connects. Rejects when the broker ends the connection instead. */
  async connect(identity: Partial<Identity>, clientId: string, options?: ConnectOptions): Promise<MqttClient> {
    const client = this.open(identity, clientId, options);
    const connected = await Promise.race([
      heard(client, 'connect').then(() => true),
      heard(client, 'close').then(() => false),
    ]);
    if (!connected) throw new Error('refused');
    // The client may have the CONNACK before the broker knows that it has sent it.
    const isKnown = async () =>
      (await this.data<{ connected?: boolean }>('GetConnection', { clientId })).connected || !client.connected;
    await vi.waitUntil(() => isKnown().catch(() => false), { timeout: PATIENCE_MS, interval: 1 });
    return client;
  }

  /** Resolves when the connection is refused; rejects when it is not. */
  async refused(identity: Partial<Identity>, clientId: string, options?: ConnectOptions): Promise<void> {
    const client = this.open(identity, clientId, options);
    let connected = false;
    client.once('connect', () => (connected = true));
    await heard(client, 'close');
    if (connected) throw new Error('connected after all');
  }

  /** Resolves when the broker ends a connection because of what is done on it. */
  async cutOff(client: MqttClient, act: (client: MqttClient) => unknown): Promise<void> {
    const closed = heard(client, 'close');
    act(client);
    await closed;
  }

  #dynamoDb(): Service {
    return {
      name: 'dynamodb',
      actionPrefix: 'dynamodb',
      signingNames: ['dynamodb'],
      model: serviceModel(dynamoDbSdk, dynamoDbSdk.DynamoDBClient),
      operations: {
        PutItem: operation<dynamoDbSdk.PutItemCommandInput, object>({
          resource: ({ TableName }) => `arn:aws:dynamodb:eu-central-1:123456789012:table/${TableName}`,
          handle: async ({ TableName = '', Item = {} }) => {
            await this.beforeRow(Item);
            this.rows.push({ TableName, Item });
            return {};
          },
        }),
      },
    };
  }

  #sqs(): Service {
    return {
      name: 'sqs',
      actionPrefix: 'sqs',
      signingNames: ['sqs'],
      model: serviceModel(sqsSdk, sqsSdk.SQSClient),
      operations: {
        SendMessage: operation<sqsSdk.SendMessageRequest, object>({
          resource: ({ QueueUrl }) => `arn:aws:sqs:eu-central-1:123456789012:${QueueUrl?.split('/').at(-1)}`,
          handle: ({ QueueUrl = '', MessageBody = '' }) => {
            this.letters.push({ QueueUrl, MessageBody });
            return {};
          },
        }),
      },
    };
  }

  #cloudWatch(): Service {
    return {
      name: 'cloudwatch',
      actionPrefix: 'cloudwatch',
      signingNames: ['monitoring'],
      model: serviceModel(cloudWatchSdk, cloudWatchSdk.CloudWatchClient),
      operations: {
        PutMetricData: operation<cloudWatchSdk.PutMetricDataInput, object>({
          resource: () => '*',
          handle: (input) => {
            this.values.push(input);
            return {};
          },
        }),
      },
    };
  }
}

/** Waits for an event, but not for ever. */
export const heard = (client: MqttClient, event: 'connect' | 'close'): Promise<void> =>
  inTime(event, (resolve) => client.once(event, () => resolve()));

/** The next message that a client gets: its topic and text. */
export const nextMessage = (client: MqttClient): Promise<[topic: string, text: string]> =>
  inTime('message', (resolve) => client.once('message', (topic, payload) => resolve([topic, payload.toString()])));

const inTime = <T>(what: string, listen: (resolve: (value: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    listen((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
