import type { MqttClient } from 'mqtt';
import { NAMES } from '../proved-fleet.ts';
import { board, type Pems } from '../../testing/cloud/board.ts';

export interface FloodOptions {
  readonly port: number;
  readonly devices: readonly { readonly name: string; readonly pems: Pems }[];
  readonly messagesEach: number;
  /** Called with the number of messages that the broker has acknowledged so far. */
  readonly onAcknowledged?: (count: number) => void;
}

/** How many messages of a device wait for their PUBACK at a time. */
const WINDOW = 20;

const RECONNECT_MS = 200;

/** Fifty handshakes at once take their time on a busy machine. */
const CONNECT_MS = 60_000;

/**
 * All devices publish at once, with QoS 1, as fast as the broker takes it. A client whose connection breaks comes back and
 * sends again what was not acknowledged.
 *
 * @returns the ids of the messages, all of them acknowledged
 */
export async function flood({ port, devices, messagesEach, onAcknowledged }: FloodOptions): Promise<Set<string>> {
  const acknowledged = new Set<string>();
  const clients = devices.map(({ name, pems }) =>
    board(port, NAMES.thing(name), pems, { reconnectPeriod: RECONNECT_MS }),
  );
  try {
    await Promise.all(clients.map(connected));
    await Promise.all(
      devices.map(({ name }, index) =>
        publishAll(clients[index] as MqttClient, name, messagesEach, (id) => {
          acknowledged.add(id);
          onAcknowledged?.(acknowledged.size);
        }),
      ),
    );
    return acknowledged;
  } finally {
    await Promise.all(clients.map((client) => client.endAsync(true)));
  }
}

/** At the first try or a later one. */
function connected(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`${client.options.clientId} did not get a connection`));
    const timer = setTimeout(late, CONNECT_MS);
    client.once('connect', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function publishAll(client: MqttClient, device: string, count: number, done: (id: string) => void) {
  const topic = `${NAMES.telemetryTopic(device)}/telemetry`;
  const numbers = Array.from({ length: count }, (_, number) => number).values();
  const worker = async () => {
    for (const number of numbers) {
      const id = `${device}.${number}`;
      await client.publishAsync(topic, payloadOf(id, number), { qos: 1 });
      done(id);
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, worker));
}

/** Mostly what devices send; some use our names, and some are no JSON. Each has its id in it. */
function payloadOf(id: string, number: number): string {
  if (number % 20 === 7) return `id=${id};`;
  const payload = { id, temperature: 20 + (number % 100) / 10, open: number % 2 === 0 };
  return JSON.stringify(number % 20 === 13 ? { ...payload, received: 1, device: 'another' } : payload);
}
