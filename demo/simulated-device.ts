import { isIP } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Identity } from '../cli/secrets/identity.ts';
import type { FleetNames } from '../lib/fleet/names.ts';
import { CliError } from '../cli/terminal/cli-error.ts';

/** What a device has sent: what its row has to say. */
export interface Message {
  readonly topic: string;
  readonly payload: { readonly temperature: number; readonly humidity: number };
}

/** A command that has come. */
export interface Command {
  readonly topic: string;
  readonly payload: string;
}

/**
 * What the firmware of a board does, without the board: it connects with its own certificate over TLS 1.2 to a broker
 * whose name and certificate it checks, publishes readings without a time, since it has no clock, and hears its commands.
 */
export class SimulatedDevice {
  readonly name: string;
  /** Resolves when the session ends, whoever ends it. */
  readonly ended: Promise<void>;
  readonly #topic: string;
  readonly #client: MqttClient;
  #temperature = 18 + 6 * Math.random();

  private constructor({ device, telemetryTopic }: Identity, client: MqttClient) {
    this.name = device;
    this.#topic = `${telemetryTopic}/telemetry`;
    this.ended = new Promise((resolve) => client.once('close', resolve));
    this.#client = client;
  }

  /**
   * @param rootCertificates in PEM, whom the device trusts to be the broker
   * @throws {CliError} when the broker does not let it in
   */
  static async connect(identity: Identity, rootCertificates: string): Promise<SimulatedDevice> {
    const options: IClientOptions & SecureContextOptions = {
      protocol: 'mqtts',
      host: identity.host,
      port: identity.port,
      ...(isIP(identity.host) === 0 && { servername: identity.host }),
      ca: rootCertificates,
      cert: identity.certificatePem,
      key: identity.privateKeyPem,
      clientId: identity.thingName,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      protocolVersion: 4,
      connectTimeout: 10_000,
      reconnectPeriod: 0, // whoever uses it decides whether to try again
    };
    const client = mqtt.connect(options);
    client.on('error', () => undefined); // 'close' follows
    const isConnected = await new Promise<boolean>((resolve) => {
      client.once('connect', () => resolve(true)).once('close', () => resolve(false));
    });
    if (isConnected) return new SimulatedDevice(identity, client);
    await client.endAsync(true);
    throw new CliError(`the broker at ${identity.host}:${identity.port} does not let ${identity.device} in`);
  }

  get isConnected(): boolean {
    return this.#client.connected;
  }

  /**
   * Subscribes to the device's commands. It answers each with a message, so that whoever looks at its rows sees that it came.
   *
   * @param heard told of each
   * @throws {CliError} when the broker does not let it
   */
  async hear(names: FleetNames, heard: (command: Command) => void): Promise<void> {
    this.#client.on('message', (topic, bytes) => {
      const payload = bytes.toString();
      heard({ topic, payload });
      const answer = JSON.stringify({ command: payload });
      void this.#client
        .publishAsync(`${names.telemetryTopic(this.name)}/command`, answer, { qos: 1 })
        .catch(() => undefined);
    });
    const filter = `${names.commandTopic(this.name)}/#`;
    const granted = await this.#client.subscribeAsync(filter, { qos: 1 }).catch(() => []);
    // 128 is a refusal (MQTT 3.1.1, 3.9.3).
    if (!granted.some(({ qos }) => qos < 128))
      throw new CliError(`the broker does not let ${this.name} hear ${filter}`);
  }

  /**
   * Publishes a reading with QoS 1.
   *
   * @returns when the broker has acknowledged it
   * @throws {CliError} when the session ends before that
   */
  async publish(): Promise<Message> {
    this.#temperature += Math.random() - 0.5;
    const message = {
      topic: this.#topic,
      payload: { temperature: Math.round(this.#temperature * 10) / 10, humidity: Math.round(40 + 20 * Math.random()) },
    };
    const lost = this.ended.then(() => {
      throw new CliError(`the session of ${this.name} ended`);
    });
    await Promise.race([this.#client.publishAsync(message.topic, JSON.stringify(message.payload), { qos: 1 }), lost]);
    return message;
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
