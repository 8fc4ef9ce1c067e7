import type { IClientOptions, MqttClient } from 'mqtt';
import { NAMES } from '../proved-fleet.ts';
import { board, outcome, type Pems } from '../../testing/cloud/board.ts';
import type { Action } from './actions.ts';

/** A device, and what it connects with. */
export interface Identity {
  readonly device: string;
  /** As whom it connects. @default its thing */
  readonly clientId?: string;
  readonly certificateId: string;
  readonly pems: Pems;
  readonly port: number;
}

/** Connects by mutual TLS, as its own device unless the options say otherwise; undefined when it is refused. */
export async function connect(
  { device, clientId: own = NAMES.thing(device), pems, port }: Identity,
  { clientId = own, ...options }: IClientOptions = {},
): Promise<MqttClient | undefined> {
  const client = board(port, clientId, pems, options);
  if ((await outcome(client)) === 'connected') return client;
  await client.endAsync(true);
  return undefined;
}

/** Whether it may. */
export async function attempt(identity: Identity, { clientId, will, send }: Action): Promise<'allowed' | 'refused'> {
  const client = await connect(identity, { ...(clientId !== undefined && { clientId }), ...(will && { will }) });
  if (client === undefined) return 'refused';
  try {
    const ended = new Promise<'refused'>((resolve) => client.once('close', () => resolve('refused')));
    return await Promise.race([
      send
        ? send(client).then(
            () => 'allowed' as const,
            () => ended,
          )
        : ('allowed' as const),
      ended,
    ]);
  } finally {
    await client.endAsync(true);
  }
}
