import { board, connected, type Pems } from '../../testing/cloud/board.ts';

/** What `messages.ts` sends this process once. */
export interface Flood {
  readonly port: number;
  readonly topics: readonly { readonly topic: string; readonly clientId: string; readonly pems: Pems }[];
  /** Of one client. */
  readonly messages: number;
  /** How many messages of a client wait for their PUBACK at a time. */
  readonly window: number;
}

/** What it answers, in milliseconds. */
export interface Flooded {
  readonly took: number;
  readonly latencies: readonly number[];
}

/** Messages of one client before those that are measured. */
const WARM = 200;

// A process of its own, so that the processor's time of the clients is not that of the broker.
process.once('message', (flood: Flood) => {
  void run(flood).then((flooded) => process.send?.(flooded, () => process.exit()));
});

async function run({ port, topics, messages, window }: Flood): Promise<Flooded> {
  const clients = topics.map(({ clientId, pems }) => board(port, clientId, pems, { connectTimeout: 60_000 }));
  await Promise.all(clients.map(connected));
  const flood = async (each: number): Promise<Flooded> => {
    const latencies: number[] = [];
    const started = performance.now();
    await Promise.all(
      clients.flatMap((client, index) => {
        const numbers = Array.from({ length: each }, (_, number) => number).values();
        const worker = async () => {
          for (const number of numbers) {
            const sent = performance.now();
            const payload = JSON.stringify({
              temperature: 20 + (number % 100) / 10,
              humidity: number % 60,
              open: false,
            });
            await client.publishAsync(topics[index]?.topic ?? '', payload, { qos: 1 });
            latencies.push(performance.now() - sent);
          }
        };
        return Array.from({ length: window }, worker);
      }),
    );
    return { took: performance.now() - started, latencies };
  };
  // Until V8 has compiled them, the clients themselves take longer than the broker.
  await flood(WARM);
  const flooded = await flood(messages);
  await Promise.all(clients.map((client) => client.endAsync(true)));
  return flooded;
}
