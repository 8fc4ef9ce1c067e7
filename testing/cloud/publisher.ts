import { randomUUID } from 'node:crypto';
import type { MqttClient } from 'mqtt';

/** A message that the broker has acknowledged. */
export interface Acknowledged {
  /** In the payload, and in that of no other message. */
  readonly id: string;
  /** When it was published and when the acknowledgement came, as `performance.now()` counts. */
  readonly from: number;
  readonly until: number;
}

/** A board that publishes with QoS 1, one message after the other, until it is told to stop or is cut off. */
export class Publisher {
  readonly acknowledged: Acknowledged[] = [];
  /** Ids that were published, acknowledged or not. */
  readonly published = new Set<string>();
  /** When the broker ended the session, as `performance.now()` counts. */
  cutOffAt: number | undefined;
  /** Resolves when the session ends. */
  readonly ended: Promise<void>;
  readonly #client: MqttClient;
  readonly #topic: string;
  #stopped = false;
  #work = Promise.resolve();

  /** @param client connected */
  constructor(client: MqttClient, topic: string) {
    this.#client = client;
    this.#topic = topic;
    this.ended = new Promise((resolve) => {
      client.once('close', () => {
        if (!this.#stopped) this.cutOffAt = performance.now();
        resolve();
      });
    });
  }

  start(): void {
    this.#work = this.#publish();
  }

  /** Resolves when what is under way is acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#work;
  }

  async #publish(): Promise<void> {
    while (!this.#stopped && this.#client.connected) {
      const id = randomUUID();
      const from = performance.now();
      this.published.add(id);
      const sent = this.#client.publishAsync(this.#topic, JSON.stringify({ id }), { qos: 1 });
      await Promise.race([sent, this.ended]);
      if (this.#client.connected) this.acknowledged.push({ id, from, until: performance.now() });
    }
  }
}
