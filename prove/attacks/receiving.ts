import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { MqttClient } from 'mqtt';
import type { Deployment } from '../../testing/cloud/deployment.ts';
import type { Progress } from '../progress.ts';
import { NAMES } from '../proved-fleet.ts';
import { connect, type Identity } from './client.ts';

const TIME_LIMIT_MS = 10_000;

/** All devices listen at once, and the cloud sends each a command: it arrives there and nowhere else. */
export async function proveReceiving(
  identities: readonly Identity[],
  { client }: Deployment,
  progress: Progress,
): Promise<void> {
  const cloud = new IoTDataPlaneClient(client);
  const listeners = await Promise.all(identities.map((identity) => Listener.start(identity)));
  progress.expect(listeners.length ** 2);
  try {
    for (const { device } of listeners)
      await cloud.send(new PublishCommand({ topic: topicOf(device), payload: Buffer.from(device), qos: 1 }));
    // Messages to one client keep their order: what it should not get would have come before this one.
    for (const { device } of listeners)
      await cloud.send(new PublishCommand({ topic: topicOf(device), payload: Buffer.from(LAST), qos: 1 }));
    for (const listener of listeners) {
      await listener.last;
      for (const { device } of listeners) {
        const got = listener.received.filter((text) => text === device).length;
        const wanted = device === listener.device ? 1 : 0;
        const problem = got === wanted ? undefined : `it arrived ${got} times`;
        progress.case(`${listener.device}: receive what is for ${device}`, problem);
      }
    }
  } finally {
    await Promise.all(listeners.map((listener) => listener.end()));
  }
}

const LAST = 'no more';
const topicOf = (device: string): string => `${NAMES.commandTopic(device)}/on`;

class Listener {
  readonly device: string;
  readonly received: string[] = [];
  /** Resolves at the last message; rejects when it does not come. */
  readonly last: Promise<void>;
  readonly #client: MqttClient;

  private constructor(device: string, client: MqttClient) {
    this.device = device;
    this.#client = client;
    this.last = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${device} got no command`)), TIME_LIMIT_MS);
      client.on('message', (_, payload) => {
        this.received.push(payload.toString());
        if (payload.toString() !== LAST) return;
        clearTimeout(timer);
        resolve();
      });
    });
    this.last.catch(() => undefined); // whoever waits for it hears of it
  }

  static async start(identity: Identity): Promise<Listener> {
    const client = await connect(identity);
    if (client === undefined) throw new Error(`${identity.device} was refused`);
    const listener = new Listener(identity.device, client);
    await client.subscribeAsync(`${NAMES.commandTopic(identity.device)}/#`, { qos: 1 });
    return listener;
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
