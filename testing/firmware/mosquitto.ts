import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import type { KeyPair } from './test-identities.ts';

export interface Received {
  readonly topic: string;
  readonly payload: string;
  /** When it arrived, in milliseconds since 1970. */
  readonly at: number;
}

/** Debian's mosquitto with mutual TLS, and a client behind its back that sees and sends everything. */
export class Mosquitto {
  readonly port: number;
  /** Where it takes MQTT without TLS. */
  readonly plainPort: number;
  readonly received: Received[] = [];
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #observer: MqttClient;
  readonly #events = new EventEmitter();

  private constructor(
    ports: { tls: number; plain: number },
    process: ChildProcess,
    folder: string,
    observer: MqttClient,
  ) {
    this.port = ports.tls;
    this.plainPort = ports.plain;
    this.#process = process;
    this.#folder = folder;
    this.#observer = observer;
    observer.on('message', (topic, payload) => {
      this.received.push({ topic, payload: payload.toString(), at: Date.now() });
      this.#events.emit('message');
    });
  }

  /** @param devices the certificate authority of the devices, in PEM */
  static async start(server: KeyPair, devices: string): Promise<Mosquitto> {
    const folder = mkdtempSync(join(tmpdir(), 'mosquitto-'));
    const [port, plainPort] = [await freePort(), await freePort()];
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const config = file(
      'mosquitto.conf',
      [
        'user root', // else it could not read the key
        'per_listener_settings false',
        'allow_anonymous true',
        'max_queued_messages 0',
        `listener ${plainPort} 127.0.0.1`,
        `listener ${port} 127.0.0.1`,
        `cafile ${file('devices.pem', devices)}`,
        `certfile ${file('server.pem', server.certificate)}`,
        `keyfile ${file('server-key.pem', server.key)}`,
        'require_certificate true',
        'tls_version tlsv1.2',
        '',
      ].join('\n'),
    );
    const broker = spawn('/usr/sbin/mosquitto', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    await saysRunning(broker);
    const observer = await mqtt.connectAsync({ host: '127.0.0.1', port: plainPort });
    await observer.subscribeAsync('#', { qos: 1 });
    return new Mosquitto({ tls: port, plain: plainPort }, broker, folder, observer);
  }

  async send(topic: string, payload: string | Buffer): Promise<void> {
    await this.#observer.publishAsync(topic, payload, { qos: 1 });
  }

  /** Waits for a message. */
  async receives(isIt: (message: Received) => boolean): Promise<Received> {
    const signal = AbortSignal.timeout(30_000);
    for (;;) {
      const found = this.received.find(isIt);
      if (found !== undefined) return found;
      await once(this.#events, 'message', { signal });
    }
  }

  async stop(): Promise<void> {
    await this.#observer.endAsync();
    this.#process.kill('SIGTERM');
    await once(this.#process, 'close');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function saysRunning(broker: ChildProcess): Promise<void> {
  let log = '';
  const signal = AbortSignal.timeout(30_000);
  const ended = once(broker, 'close', { signal }).then(() => {
    throw new Error(`mosquitto ended\n${log}`);
  });
  const running = new Promise<void>((resolve) => {
    broker.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (/ running$/m.test(log)) resolve();
    });
  });
  ended.catch(() => undefined);
  await Promise.race([running, ended]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
