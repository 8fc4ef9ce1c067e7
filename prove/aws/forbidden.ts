import type { IClientOptions, MqttClient } from 'mqtt';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Question } from './probe.ts';

/** Something that the policy of a device does not allow it. */
export interface Forbidden extends Question {
  /** When it connects. */
  readonly options?: (names: FleetNames) => IClientOptions;
  /** Once it is connected; resolves when the broker acknowledges it. */
  readonly act?: (client: MqttClient, names: FleetNames) => Promise<unknown>;
}

export const CUT_OFF = 'the connection ends';
export const NO_CONNECTION = 'no connection';
export const ACKNOWLEDGED = 'acknowledged';

const OTHER = 'another';

/** How a forbidden act looks to a board under MQTT 3.1.1: no document says it, AWS's staff and users do. */
export const FORBIDDEN: readonly Forbidden[] = [
  {
    question: 'a forbidden publish ends the connection',
    act: (client, names) => client.publishAsync(`${names.telemetryTopic(OTHER)}/x`, '{}', { qos: 1 }),
    assumed: CUT_OFF,
  },
  {
    question: 'a forbidden subscription ends the connection',
    act: (client, names) => client.subscribeAsync(`${names.commandTopic(OTHER)}/#`, { qos: 1 }),
    assumed: CUT_OFF,
  },
  {
    question: 'a retained message without the right to retain ends the connection',
    act: (client, names) => client.publishAsync(`${names.telemetryTopic('probe')}/x`, '{}', { qos: 1, retain: true }),
    assumed: CUT_OFF,
  },
  {
    question: 'a last will to a forbidden topic is no connection',
    options: (names) => ({
      will: { topic: `${names.telemetryTopic(OTHER)}/x`, payload: Buffer.from('{}'), qos: 1, retain: false },
    }),
    assumed: NO_CONNECTION,
  },
  {
    question: 'the client id of another device is no connection',
    options: (names) => ({ clientId: names.thing(OTHER) }),
    assumed: NO_CONNECTION,
  },
];
