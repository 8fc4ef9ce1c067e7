import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteThingCommand, IoTClient, UpdateThingCommand } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { Faults } from '@esp-fleet/local-cloud';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newCode } from '../../cli/enrol/code.ts';
import { CODE, codeHash, codeText, HAS, WANTS } from '../../lib/fleet/enrolment.ts';
import { DEVICE_KEY } from '../../lib/fleet/names.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { buildSketch } from '../../testing/firmware/build.ts';
import { ENROLLED_SKETCH } from '../../testing/firmware/enrolling.ts';
import { KeySearch } from '../../testing/firmware/key-search.ts';
import { type Certificate, certificatesOf, deleteCertificate } from '../faults/state.ts';
import { NAMES, NAMING } from '../proved-fleet.ts';
import { askDoctor, runVerb } from '../faults/verbs.ts';

export const CHIPS = ['esp8266', 'esp32'] as const;
export type Chip = (typeof CHIPS)[number];

/** A site with the device of the ESP8266, one more, and one whose key the deployment makes. */
const SITE = 'proved';
export const OTHER = 'another';
export const PLAIN = 'plain';
/** The device of the ESP32 is a line of a list, so that both ways are proved. */
const LINES = 'lines';
const LISTED: Chip = 'esp32';

/** The names of the thing of a device, and of the policy that its certificates have. */
export const holderOf = (device: string) =>
  device === LISTED ? NAMES.listedHolder(LINES, device) : NAMES.holder(device);

/** @param generations that devices are to have, where that is not the first */
function writeFleet(deployment: Deployment, generations: Readonly<Record<string, number>> = {}): void {
  const entry = (name: string, board: string) =>
    `  ${name}: { board: ${board}, key: board, generations: [${generations[name] ?? 1}] }\n`;
  const entries = [entry('esp8266', 'esp8266'), entry(OTHER, 'esp32'), `  ${PLAIN}: { board: esp8266 }\n`];
  deployment.writeSite(SITE, `devices:\n${entries.join('')}`);
  deployment.writeSite(LINES, `list: ${LINES}.csv\n`);
  const line = `${LISTED},esp32,${generations[LISTED] ?? 1}\n`;
  writeFileSync(join(deployment.fleetDir, `${LINES}.csv`), `name,board,generation\n${line}`);
}

/** The folder of what lies on boards, and nowhere else. */
export const FLASH = 'flash';

/** What all lanes begin with. */
export interface Deployed {
  /** The data folder of a cloud in which the fleet is deployed. */
  readonly data: string;
  /** The text of claim.h. */
  readonly claim: string;
  /** One build a chip, for all boards of it. */
  readonly executables: Readonly<Record<Chip, string>>;
}

/** Deploys the fleet by the real CDK CLI, and builds the firmware of its boards. @param seen all that the templates have */
export async function deployed(folder: string, secrets: Secrets): Promise<Deployed> {
  const data = join(folder, 'deployed');
  const faults = secrets.watched(new Faults());
  const deployment = await startDeployment({ data, naming: NAMING, faults });
  try {
    rmSync(join(deployment.fleetDir, 'home.yaml'));
    writeFleet(deployment);
    const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    if (code !== 0) throw new Error(`cdk deploy failed: ${stderr}`);
    const header = join(folder, 'claim.h');
    const made = await deployment.fleet('enrol', '--header', header);
    if (made.code !== 0) throw new Error(`fleet enrol --header failed: ${made.stderr}`);
    cpSync(join(deployment.folder, 'cdk.out'), join(folder, 'templates'), { recursive: true });
    const claim = readFileSync(header, 'utf8');
    const build = (chip: Chip) => buildSketch(chip, ENROLLED_SKETCH, '', join(folder, 'sketch', chip), claim);
    return { data, claim, executables: { esp8266: await build('esp8266'), esp32: await build('esp32') } };
  } finally {
    await deployment.close();
  }
}

/** The private keys of boards, and what must have none of them. */
export class Secrets {
  readonly keys = new KeySearch();
  /** Of everything that was asked of a cloud, said by one, and printed by a board. */
  readonly seen: Buffer[] = [];

  /** Keeps what every call asks for. */
  watched(faults: Faults): Faults {
    faults.watch = (_, input) =>
      this.see(input instanceof Uint8Array ? Buffer.from(input) : JSON.stringify(input, bytes));
    return faults;
  }

  see(text: string | Buffer): void {
    this.seen.push(Buffer.from(text));
  }
}

/** Bytes as they are, not as a list of numbers. */
const bytes = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;

/** What `fleet enrol` makes. */
export interface Line {
  readonly code: string;
  readonly line: string;
}

/** A cloud with the fleet, in which one case runs after the other. */
export class Lane {
  readonly deployment: Deployment;
  readonly executables: Deployed['executables'];
  readonly faults: Faults;
  readonly secrets: Secrets;
  readonly iot: IoTClient;
  /** For the flash of its boards. */
  readonly folder: string;
  readonly #data: IoTDataPlaneClient;
  readonly #dynamoDB: DynamoDBClient;
  #isClosed = false;
  readonly #generations: Record<string, number> = {};
  /** Whether the verbs of `fleet` in this process speak to its cloud: they know one alone. */
  readonly isOperated: boolean;

  private constructor(
    deployment: Deployment,
    { executables }: Deployed,
    faults: Faults,
    secrets: Secrets,
    folder: string,
    isOperated: boolean,
  ) {
    this.deployment = deployment;
    this.executables = executables;
    this.faults = faults;
    this.secrets = secrets;
    this.folder = folder;
    this.iot = new IoTClient(deployment.client);
    this.#data = new IoTDataPlaneClient(deployment.client);
    this.#dynamoDB = new DynamoDBClient(deployment.client);
    this.isOperated = isOperated;
  }

  /** @param number lane 0 is the one that the verbs of `fleet` know */
  static async open(from: Deployed, folder: string, number: number, secrets: Secrets): Promise<Lane> {
    const own = join(folder, `lane-${number}`);
    const data = join(own, 'data');
    cpSync(from.data, data, { recursive: true });
    mkdirSync(join(own, FLASH));
    const faults = secrets.watched(new Faults());
    const tokens = (['whoever', 'same-connection', 'once'] as const)[number % 3] ?? 'whoever';
    const readings = { 'ownership-token': tokens };
    const deployment = await startDeployment({ data, naming: NAMING, faults, readings });
    rmSync(join(deployment.fleetDir, 'home.yaml'));
    writeFleet(deployment);
    if (number === 0) Object.assign(process.env, deployment.cloud.environment);
    return new Lane(deployment, from, faults, secrets, join(own, FLASH), number === 0);
  }

  /** Gives a device a code. @returns the line with it, as `fleet enrol` prints it */
  async line(device: string, expiresInSeconds = 3_600): Promise<Line> {
    const code = newCode();
    const expires = Math.floor(Date.now() / 1_000) + expiresInSeconds;
    await this.change(device, { [CODE]: codeText({ hash: codeHash(code), expires }) });
    return { code, line: `enrol ${device} ${code} localhost:${this.deployment.cloud.mqttPort}` };
  }

  /** Changes what is known of the enrolment of a device, where that stands. */
  async change(device: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    if (device === LISTED) return this.#changeLine(device, attributes);
    const attributePayload = { attributes, merge: true };
    await this.iot.send(new UpdateThingCommand({ thingName: NAMES.thing(device), attributePayload }));
  }

  async #changeLine(device: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    const TableName = NAMES.deviceTable;
    const Key = { [DEVICE_KEY]: { S: device } };
    const { Item = {} } = await this.#dynamoDB.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    for (const [name, value] of Object.entries(attributes)) {
      if (value === '') delete Item[name];
      else Item[name] = { S: value };
    }
    Item.version = { N: String(Number(Item.version?.N) + 1) };
    await this.#dynamoDB.send(new PutItemCommand({ TableName, Item }));
  }

  /** As a deployment does after `fleet rotate`. */
  async wantsAnother(device: string): Promise<void> {
    await this.#wants(device, (this.#generations[device] ?? 1) + 1);
  }

  async #wants(device: string, generation: number, others: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#generations[device] = generation;
    const wants = String(generation);
    await this.change(device, { [WANTS]: wants, ...(device === LISTED && { declared: wants }), ...others });
    this.restore();
  }

  async command(device: string, what: string): Promise<void> {
    const topic = `${NAMES.commandTopic(device)}/${what}`;
    await this.#data.send(new PublishCommand({ topic, qos: 1, payload: Buffer.from('{}') }));
  }

  /** The certificates that are a device's, attached or not: all but those of the other devices. */
  async certificates(device: string): Promise<Certificate[]> {
    const others = [...CHIPS, OTHER, PLAIN].filter((one) => one !== device).map((one) => NAMES.thing(one));
    return (await certificatesOf(this)).filter(({ things }) => !things.some((thing) => others.includes(thing)));
  }

  /** As if the device had never enrolled. */
  async reset(device: string): Promise<void> {
    for (const certificate of await this.certificates(device)) await deleteCertificate(certificate, this);
    // That of a line is made when its board enrols.
    if (device === LISTED) await this.iot.send(new DeleteThingCommand({ thingName: NAMES.thing(device) }));
    await this.#wants(device, 1, { [HAS]: '', [CODE]: '' });
  }

  /** What `fleet doctor` says. */
  async doctor(): Promise<string> {
    if (this.isOperated) return (await askDoctor(this.deployment.fleetDir)).map(({ text }) => text).join('\n');
    const { stdout, stderr } = await this.deployment.fleet('doctor');
    if (stdout === '') throw new Error(`fleet doctor failed: ${stderr}`);
    return stdout.replaceAll(/\s+/g, ' ');
  }

  /** `fleet revoke`, in the lane that the verbs know; undone by `restore`. */
  async revoke(device: string): Promise<void> {
    if (!this.isOperated) throw new Error('the verbs of fleet know another cloud');
    const { code, stderr } = await runVerb(this.deployment.fleetDir, 'revoke', device, '--yes');
    if (code !== 0) throw new Error(`fleet revoke failed: ${stderr}`);
  }

  restore(): void {
    writeFleet(this.deployment, this.#generations);
  }

  /** What the hook has logged, a line each. */
  async hookLog(): Promise<string[]> {
    const client = new CloudWatchLogsClient(this.deployment.client);
    const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({}));
    const logGroupName = logGroups.find(({ logGroupName = '' }) => logGroupName.includes('Hook'))?.logGroupName;
    const lines: string[] = [];
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName }))
      lines.push(...events.map(({ message = '' }) => message));
    return lines;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.secrets.see(this.deployment.log.lines.join('\n'));
    await this.deployment.close();
  }
}
