import type { IClientOptions, MqttClient } from 'mqtt';
import { type LocalKey, makeLocalKey } from '../../cli/secrets/local-key.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { board, connected, type Pems } from './board.ts';

/** AWS IoT's answer to a request of the enrolment, or its refusal. */
export interface Refusal {
  readonly statusCode: number;
  readonly errorCode: string;
  readonly errorMessage: string;
}

interface IssuedCertificate {
  readonly certificateOwnershipToken: string;
  readonly certificateId: string;
  readonly certificatePem: string;
}

/** What a board knows without an identity. */
export interface BoardOptions {
  readonly names: FleetNames;
  readonly mqttPort: number;
  readonly rootCaPem: string;
}

const LIMIT_MS = 30_000;

/** A board that makes its key and enrols, as the firmware does, over any MQTT client. */
export class EnrollingBoard {
  readonly #options: BoardOptions;
  readonly #key: LocalKey;
  readonly #clients: MqttClient[] = [];
  /** What it has written into its flash: the newest certificate that it was given. */
  certificate: IssuedCertificate | undefined;

  private constructor(options: BoardOptions, key: LocalKey) {
    this.#options = options;
    this.#key = key;
  }

  static async start(options: BoardOptions): Promise<EnrollingBoard> {
    return new EnrollingBoard(options, await makeLocalKey('ec', 'a board'));
  }

  /**
   * A board that has enrolled by the line that `fleet enrol` prints.
   *
   * @param claim what the firmware of all boards holds
   * @throws {Error} when it is refused
   */
  static async enrolledBy(
    line: string,
    claim: Pems,
    options: Omit<BoardOptions, 'rootCaPem'>,
  ): Promise<EnrollingBoard> {
    const [, device = '', code = ''] = line.trim().split(' ');
    const { names } = options;
    const board = await EnrollingBoard.start({ ...options, rootCaPem: claim.ca });
    const answer = await board.enrol(`${names.claim}-${device}`, claim, { device, code });
    if (answer === names.thing(device)) return board;
    throw new Error(`${device} could not enrol: ${JSON.stringify(answer)}`);
  }

  /** Its key, and the newest certificate that it was given. */
  get identity(): Pems {
    return { cert: this.certificate?.certificatePem ?? '', key: this.#key.privateKeyPem, ca: this.#options.rootCaPem };
  }

  /** Connects, by the claim or by an identity of its own. */
  async connect(clientId: string, pems: Partial<Pems>, options: IClientOptions = {}): Promise<MqttClient> {
    const client = this.client(clientId, pems, options);
    await connected(client);
    return client;
  }

  /** The same without waiting for what becomes of it. */
  client(clientId: string, pems: Partial<Pems>, options: IClientOptions = {}): MqttClient {
    const client = board(this.#options.mqttPort, clientId, { ca: this.#options.rootCaPem, ...pems }, options);
    this.#clients.push(client);
    return client;
  }

  /** Asks for a certificate for its key, and keeps it before anything else. */
  async askForCertificate(client: MqttClient): Promise<IssuedCertificate> {
    const [topic] = this.#options.names.enrolmentTopics;
    const answer = await request(client, topic, { certificateSigningRequest: this.#key.csr });
    if ('errorCode' in answer) throw new Error(`no certificate: ${JSON.stringify(answer)}`);
    this.certificate = answer as unknown as IssuedCertificate;
    return this.certificate;
  }

  /** Asks for what goes with it. */
  async provision(
    client: MqttClient,
    parameters: Readonly<Record<string, string>>,
    { certificateOwnershipToken } = this.certificate ?? { certificateOwnershipToken: '' },
  ): Promise<{ readonly thingName: string } | Refusal> {
    const [, topic] = this.#options.names.enrolmentTopics;
    const answer = await request(client, topic, { certificateOwnershipToken, parameters });
    return answer as unknown as { thingName: string } | Refusal;
  }

  /** The whole enrolment. @returns the thing that it is now, or why it is none */
  async enrol(
    clientId: string,
    pems: Partial<Pems>,
    parameters: Readonly<Record<string, string>>,
  ): Promise<string | Refusal> {
    const client = await this.connect(clientId, pems);
    await this.askForCertificate(client);
    const answer = await this.provision(client, parameters);
    await client.endAsync();
    return 'thingName' in answer ? answer.thingName : answer;
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.endAsync(true)));
  }
}

/** A request and the answer to it, both of which have topics of their own below that of the request. */
async function request(client: MqttClient, topic: string, payload: object): Promise<Record<string, unknown>> {
  const answers = [`${topic}/accepted`, `${topic}/rejected`];
  await client.subscribeAsync(answers, { qos: 1 });
  const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${topic}: no answer`)), LIMIT_MS);
    const listen = (from: string, message: Buffer) => {
      if (!answers.includes(from)) return;
      clearTimeout(timer);
      client.off('message', listen);
      resolve(JSON.parse(message.toString()) as Record<string, unknown>);
    };
    client.on('message', listen);
  });
  await client.publishAsync(topic, JSON.stringify(payload), { qos: 1 });
  return answer;
}
