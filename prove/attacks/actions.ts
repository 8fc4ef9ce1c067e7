import type { IClientOptions, MqttClient } from 'mqtt';
import {
  basicIngestTopicPrefix,
  RAW_TELEMETRY_RULE_NAME,
  SEEN_RULE_NAME,
  TELEMETRY_RULE_NAME,
} from '../../lib/fleet/names.ts';
import type { FleetSettings } from '../../lib/fleet/schema.ts';

/** The setting that decides what a policy allows. */
export type Ingest = FleetSettings['ingest'];

export const INGESTS: readonly Ingest[] = ['broker', 'basic'];

const RULES = [TELEMETRY_RULE_NAME, RAW_TELEMETRY_RULE_NAME, SEEN_RULE_NAME];

/** What a device tries, with its own certificate. */
export interface Action {
  readonly words: string;
  /** What the refusal has to be about, as the policy calls it. */
  readonly action: string;
  readonly resource: string;
  /** The client id, when it is not the device's own. */
  readonly clientId?: string;
  readonly will?: NonNullable<IClientOptions['will']>;
  /** After the connection; resolves when the broker acknowledges it. */
  readonly send?: (client: MqttClient) => Promise<unknown>;
}

const connectAs = (clientId: string): Action => ({
  words: `connect as ${clientId}`,
  action: 'iot:Connect',
  resource: `client/${clientId}`,
  clientId,
});

const publish = (topic: string): Action => ({
  words: `publish to ${topic}`,
  action: 'iot:Publish',
  resource: `topic/${topic}`,
  send: (client) => client.publishAsync(topic, '{"forged":true}', { qos: 1 }),
});

/** @param action what the policy lacks: at one's own topic only the right to retain */
const retain = (topic: string, action: 'iot:Publish' | 'iot:RetainPublish'): Action => ({
  words: `leave a retained message at ${topic}`,
  action,
  resource: `topic/${topic}`,
  send: (client) => client.publishAsync(topic, '{"forged":true}', { qos: 1, retain: true }),
});

const subscribe = (filter: string): Action => ({
  words: `subscribe to ${filter}`,
  action: 'iot:Subscribe',
  resource: `topicfilter/${filter}`,
  send: (client) => client.subscribeAsync(filter, { qos: 1 }),
});

const lastWill = (topic: string): Action => ({
  words: `name a last will to ${topic}`,
  action: 'iot:Publish',
  resource: `topic/${topic}`,
  will: { topic, payload: Buffer.from('{"forged":true}'), qos: 1, retain: false },
});

/** What a device must not do to another one. */
export const attacksOn = (device: string): Action[] => [
  connectAs(device),
  ...[`rtjm/${device}/telemetry`, `rtjm/${device}/`, `rtjm/${device}`, `cmd/rtjm/${device}/on`].map(publish),
  ...[`cmd/rtjm/${device}/#`, `cmd/rtjm/${device}/on`, `cmd/rtjm/${device}`, `rtjm/${device}/#`].map(subscribe),
  ...[`+/rtjm/${device}/#`, `cmd/+/${device}/#`, `cmd/rtjm/${device}/+`, `+/${device}/#`].map(subscribe),
  retain(`rtjm/${device}/telemetry`, 'iot:Publish'),
  retain(`cmd/rtjm/${device}/on`, 'iot:Publish'),
  lastWill(`rtjm/${device}/telemetry`),
  lastWill(`cmd/rtjm/${device}/on`),
  publish(`$aws/things/${device}/shadow/update`),
  subscribe(`$aws/things/${device}/shadow/#`),
  subscribe(`$aws/events/presence/connected/${device}`),
  ...RULES.map((rule) => publish(`$aws/rules/${rule}/rtjm/${device}/telemetry`)),
  publish(`$aws/rules/${TELEMETRY_RULE_NAME}/cmd/rtjm/${device}/on`),
  retain(`${basicIngestTopicPrefix(device)}/telemetry`, 'iot:Publish'),
  lastWill(`${basicIngestTopicPrefix(device)}/telemetry`),
  subscribe(`${basicIngestTopicPrefix(device)}/#`),
];

/** What no device may do, whomever it reaches by it. */
export const attacksOnAll = (own: string, ingest: Ingest): Action[] => [
  ...[
    '#',
    '+/#',
    'rtjm/#',
    'cmd/#',
    'cmd/rtjm/#',
    'cmd/rtjm/+/on',
    'cmd/rtjm/+/#',
    '+/+/+/#',
    '$aws/#',
    '$aws/rules/#',
  ].map(subscribe),
  ...['+', '*', '#', `${own}*`, '${iot:ClientId}'].map(connectAs),
  retain(`rtjm/${own}/telemetry`, 'iot:RetainPublish'),
  publish(`$aws/things/${own}/shadow/update`),
  ...RULES.filter((rule) => ingest === 'broker' || rule !== TELEMETRY_RULE_NAME).map((rule) =>
    publish(`$aws/rules/${rule}/rtjm/${own}/telemetry`),
  ),
  ...['', '/rtjm', `/rtjm/${own}`, `/cmd/rtjm/${own}/on`].map((rest) =>
    publish(`$aws/rules/${TELEMETRY_RULE_NAME}${rest}`),
  ),
  // Nothing is retained at a reserved topic, whatever the policy says.
  retain(`${basicIngestTopicPrefix(own)}/telemetry`, 'iot:Publish'),
  publish(`cmd/rtjm/${own}/on`),
];

/** What the policy of a device allows it. */
export const rightsOf = (device: string, ingest: Ingest): Action[] => [
  connectAs(device),
  publish(`rtjm/${device}/telemetry`),
  publish(`rtjm/${device}/a/b`),
  subscribe(`cmd/rtjm/${device}/#`),
  subscribe(`cmd/rtjm/${device}/on`),
  lastWill(`rtjm/${device}/gone`),
  ...(ingest === 'basic' ? [publish(`${basicIngestTopicPrefix(device)}/telemetry`)] : []),
];
