import type { EventEmitter } from 'node:events';
import type { Aedes, Client } from 'aedes';

/** Queue and subscriptions of persistent sessions, as aedes-persistence keeps them. */
interface Persistence {
  cleanSubscriptions(client: { readonly id: string }): Promise<void>;
  outgoingStream(client: { readonly id: string }): AsyncIterable<object>;
  outgoingClearMessageId(client: { readonly id: string }, packet: object): Promise<unknown>;
}

/** Removes what aedes keeps of a persistent session. Its types do not show the persistence. */
export async function forgetSession(aedes: Aedes, id: string): Promise<void> {
  const { persistence } = aedes as unknown as { readonly persistence: Persistence };
  await persistence.cleanSubscriptions({ id });
  for await (const packet of persistence.outgoingStream({ id }))
    await persistence.outgoingClearMessageId({ id }, packet);
}

/** Whether the client said DISCONNECT, which aedes notes for the last will alone. */
export const saidDisconnect = (client: Client): boolean =>
  (client as unknown as { readonly _disconnected: boolean })._disconnected;

/** Calls back with the subscriptions of each SUBSCRIBE before aedes looks at them one by one. */
export function onSubscribe(client: Client, listener: (subscriptions: readonly object[]) => void): void {
  const { _parser: parser } = client as unknown as { readonly _parser: EventEmitter };
  parser.prependListener('packet', ({ cmd, subscriptions }: { cmd: string; subscriptions?: object[] }) => {
    if (cmd === 'subscribe') listener(subscriptions ?? []);
  });
}
