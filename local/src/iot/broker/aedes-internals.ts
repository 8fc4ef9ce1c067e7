import type { EventEmitter } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import type { Aedes, Client } from 'aedes';
import type { PacketCheck } from './packet-check.ts';

/** Queue and subscriptions of persistent sessions, as aedes-persistence keeps them. */
interface Persistence {
  cleanSubscriptions(client: { readonly id: string }): Promise<void>;
  outgoingStream(client: { readonly id: string }): Readable;
  subscriptionsByClient(client: { readonly id: string }): Promise<readonly { topic: string; qos: number }[]>;
  outgoingClearMessageId(client: { readonly id: string }, packet: object): Promise<unknown>;
}

/** Removes what aedes keeps of a persistent session. Its types do not show the persistence. */
export async function forgetSession(aedes: Aedes, id: string): Promise<void> {
  const { persistence } = aedes as unknown as { readonly persistence: Persistence };
  await persistence.cleanSubscriptions({ id });
  for await (const packet of persistence.outgoingStream({ id }) as AsyncIterable<object>)
    await persistence.outgoingClearMessageId({ id }, packet);
}

/** A topic filter that a client has subscribed to. */
export interface Subscription {
  readonly topicFilter: string;
  readonly qos: number;
}

/** What a connected client has subscribed to. */
export function subscriptionsOf(client: Client): Subscription[] {
  const { subscriptions } = client as unknown as { readonly subscriptions: Readonly<Record<string, { qos: number }>> };
  return Object.entries(subscriptions)
    .filter(([topicFilter]) => !topicFilter.startsWith('$SYS/')) // aedes's own
    .map(([topicFilter, { qos }]) => ({ topicFilter, qos }));
}

/** What the persistent session of a client has subscribed to that is not connected; none where it has no such session. */
export async function keptSubscriptions(aedes: Aedes, id: string): Promise<Subscription[]> {
  const { persistence } = aedes as unknown as { readonly persistence: Persistence };
  const found = await persistence.subscriptionsByClient({ id });
  return found.map(({ topic, qos }) => ({ topicFilter: topic, qos }));
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

/** Has what a client sends checked before aedes reads it; what is wrong ends the connection as an error of aedes' own. */
export function checkPackets(client: Client, check: PacketCheck): void {
  const { _parser: parser, conn } = client as unknown as {
    readonly _parser: EventEmitter & { parse: (bytes: Buffer) => number };
    readonly conn: Writable;
  };
  const parse = parser.parse.bind(parser);
  let isWrong = false;
  parser.parse = (bytes) => {
    const found = isWrong ? undefined : check.push(bytes);
    if (!found) return isWrong ? 0 : parse(bytes);
    isWrong = true;
    const end = (): void => void parser.emit('error', new Error(found.why));
    if (found.answer) conn.write(found.answer, end);
    else end();
    return 0;
  };
}

/** Messages that a client has been sent before are sent with DUP (MQTT-3.3.1-1): those that have a packet id already. */
export function markDuplicates(aedes: Aedes): void {
  const { persistence } = aedes as unknown as { readonly persistence: Persistence };
  const outgoing = persistence.outgoingStream.bind(persistence);
  persistence.outgoingStream = (client) =>
    Readable.from(
      outgoing(client).map((packet: { readonly cmd?: string; readonly messageId?: number }) =>
        packet.messageId !== undefined && packet.cmd === 'publish' ? { ...packet, dup: true } : packet,
      ),
    );
}
