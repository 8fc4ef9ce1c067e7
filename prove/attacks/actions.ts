import type { IClientOptions, MqttClient } from 'mqtt';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { FleetSettings } from '../../lib/fleet/schema.ts';
import { NAMES } from '../proved-fleet.ts';

/** The setting that decides what a policy allows. */
export type Ingest = FleetSettings['ingest'];

export const INGESTS: readonly Ingest[] = ['broker', 'basic'];

const rulesOf = ({ telemetryRule, rawTelemetryRule, seenRule, connectedRule }: FleetNames) => [
  telemetryRule,
  rawTelemetryRule,
  seenRule,
  connectedRule,
];

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

export const connectAs = (clientId: string): Action => ({
  words: `connect as ${clientId}`,
  action: 'iot:Connect',
  resource: `client/${clientId}`,
  clientId,
});

export const publish = (topic: string): Action => ({
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

export const subscribe = (filter: string): Action => ({
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

/** What a device must not do to another one. @param names of the fleet of that one */
export const attacksOn = (device: string, names = NAMES): Action[] => {
  const [telemetry, command, thing] = [names.telemetryTopic(device), names.commandTopic(device), names.thing(device)];
  const [root, basicIngest] = [names.topicRoot, names.basicIngestTopic(device)];
  return [
    connectAs(thing),
    ...[`${telemetry}/telemetry`, `${telemetry}/`, telemetry, `${command}/on`].map(publish),
    ...[`${command}/#`, `${command}/on`, command, `${telemetry}/#`].map(subscribe),
    ...[`+/${telemetry}/#`, `cmd/+/${device}/#`, `cmd/${root}/${device}/+`, `+/${device}/#`].map(subscribe),
    retain(`${telemetry}/telemetry`, 'iot:Publish'),
    retain(`${command}/on`, 'iot:Publish'),
    lastWill(`${telemetry}/telemetry`),
    lastWill(`${command}/on`),
    publish(`$aws/things/${thing}/shadow/update`),
    subscribe(`$aws/things/${thing}/shadow/#`),
    publish(`$aws/things/${thing}/jobs/start-next`),
    subscribe(`$aws/things/${thing}/jobs/#`),
    subscribe(`$aws/events/presence/connected/${thing}`),
    ...rulesOf(names).map((rule) => publish(`$aws/rules/${rule}/${telemetry}/telemetry`)),
    publish(`$aws/rules/${names.telemetryRule}/${command}/on`),
    retain(`${basicIngest}/telemetry`, 'iot:Publish'),
    lastWill(`${basicIngest}/telemetry`),
    subscribe(`${basicIngest}/#`),
  ];
};

/** What no device may do, whomever it reaches by it. */
export const attacksOnAll = (own: string, ingest: Ingest): Action[] => {
  const [root, telemetry, command] = [NAMES.topicRoot, NAMES.telemetryTopic(own), NAMES.commandTopic(own)];
  return [
    ...[
      '#',
      '+/#',
      `${root}/#`,
      'cmd/#',
      `cmd/${root}/#`,
      `cmd/${root}/+/on`,
      `cmd/${root}/+/#`,
      '+/+/+/#',
      '$aws/#',
      '$aws/rules/#',
    ].map(subscribe),
    ...['+', '*', '#', `${NAMES.thing(own)}*`, '${iot:ClientId}'].map(connectAs),
    retain(`${telemetry}/telemetry`, 'iot:RetainPublish'),
    publish(`$aws/things/${NAMES.thing(own)}/shadow/update`),
    ...rulesOf(NAMES)
      .filter((rule) => ingest === 'broker' || rule !== NAMES.telemetryRule)
      .map((rule) => publish(`$aws/rules/${rule}/${telemetry}/telemetry`)),
    ...['', `/${root}`, `/${telemetry}`, `/${command}/on`].map((rest) =>
      publish(`$aws/rules/${NAMES.telemetryRule}${rest}`),
    ),
    // Nothing is retained at a reserved topic, whatever the policy says.
    retain(`${NAMES.basicIngestTopic(own)}/telemetry`, 'iot:Publish'),
    publish(`${command}/on`),
  ];
};

/** What the policy of a device allows it. */
export const rightsOf = (device: string, ingest: Ingest): Action[] => [
  connectAs(NAMES.thing(device)),
  publish(`${NAMES.telemetryTopic(device)}/telemetry`),
  publish(`${NAMES.telemetryTopic(device)}/a/b`),
  subscribe(`${NAMES.commandTopic(device)}/#`),
  subscribe(`${NAMES.commandTopic(device)}/on`),
  lastWill(`${NAMES.telemetryTopic(device)}/gone`),
  ...(ingest === 'basic' ? [publish(`${NAMES.basicIngestTopic(device)}/telemetry`)] : []),
];
