import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

/** What `fleet secrets DEVICE --pem DIR` wrote. */
export interface Pems {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export const readPems = (folder: string): Pems => ({
  cert: readFileSync(join(folder, 'certificate.pem'), 'utf8'),
  key: readFileSync(join(folder, 'private-key.pem'), 'utf8'),
  ca: readFileSync(join(folder, 'root-ca.pem'), 'utf8'),
});

/** A client that does not reconnect by itself, so that being cut off shows. */
export function board(port: number, clientId: string, pems: Partial<Pems>, options: IClientOptions = {}): MqttClient {
  const client = mqtt.connect({
    protocol: 'mqtts',
    host: 'localhost',
    port,
    clientId,
    ...pems,
    reconnectPeriod: 0,
    connectTimeout: 30_000,
    ...options,
  });
  // Refusals are asserted through `outcome`; without a listener they would end the test run.
  client.on('error', () => undefined);
  return client;
}

const LIMIT_MS = 30_000;

/** Resolves when the client is connected; rejects when it is refused. */
export async function connected(client: MqttClient): Promise<void> {
  if ((await outcome(client)) !== 'connected') throw new Error(`${client.options.clientId} was refused`);
}

/** Which came first: the acknowledged connection, or its end. */
export async function outcome(client: MqttClient): Promise<'connected' | 'cut off'> {
  return client.connected ? 'connected' : first(client, { connect: 'connected', close: 'cut off' });
}

/** Resolves when the broker ends the connection. */
export async function cutOff(client: MqttClient): Promise<void> {
  if (!client.disconnected) await first(client, { close: 'cut off' });
}

/** The answer that stands beside the event that comes first; rejects when none comes in time. */
function first<T>(client: MqttClient, answers: { connect?: T; close?: T }): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${client.options.clientId}: no ${Object.keys(answers).join(' or ')}`)),
      LIMIT_MS,
    );
    for (const event of ['connect', 'close'] as const) {
      const answer = answers[event];
      if (answer === undefined) continue;
      client.once(event, () => {
        clearTimeout(timer);
        resolve(answer);
      });
    }
  });
}
