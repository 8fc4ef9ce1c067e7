import { GetConnectionCommand, IoTDataPlaneClient, ListSubscriptionsCommand } from '@aws-sdk/client-iot-data-plane';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Board, type Surroundings } from '../../testing/firmware/board.ts';
import { isKeyOfCertificate, typeLines } from '../../testing/firmware/enrolling.ts';
import { identitiesIn, keysIn, type StoredIdentity } from '../../testing/firmware/flash-image.ts';
import { type Certificate, deleteCertificate } from '../faults/state.ts';
import { NAMES } from '../proved-fleet.ts';
import { type Chip, holderOf, type Lane, type Line } from './lane.ts';

/** For a board to come through: it waits longer each time that it is refused. */
const LIMIT_MS = 60_000;
/** How long the cloud may take to delete an identity that is used no more. */
const DELETION_MS = 10_000;
const POLL_MS = 20;

type Begins = (board: Board) => void;

/** A board that makes its key, through all its lives, and the device that it is. */
export class ProvedBoard {
  readonly lane: Lane;
  readonly chip: Chip;
  readonly device: string;
  /** The process of its present life. */
  now: Board | undefined;
  /** Of the line that it was given last. */
  code = '';
  /** What was wrong when its power was cut. */
  readonly problems: string[] = [];
  readonly #flash: string;
  readonly #data: IoTDataPlaneClient;

  /** @param called where another board is the same device */
  constructor(lane: Lane, chip: Chip, device: string = chip, called = 'first') {
    this.lane = lane;
    this.chip = chip;
    this.device = device;
    this.#flash = join(lane.folder, `${device}-${called}`);
    this.#data = new IoTDataPlaneClient(lane.deployment.client);
  }

  /** The id of the certificate of its only identity, which was used; undefined when it is not so. */
  get settled(): string | undefined {
    const [one, another] = this.identities;
    return one?.used === true && another === undefined ? one.certificateId : undefined;
  }

  /** Whether its only identity is another one. It looks once: between two looks the board may begin to write. */
  hasChanged(before: string | undefined): boolean {
    const { settled } = this;
    return settled !== undefined && settled !== before;
  }

  get identities(): StoredIdentity[] {
    return identitiesIn(this.chip, this.#flash);
  }

  /** Begins a life. It takes a reading at its start and no other one: what it sends then is what an enrolment takes. */
  start(options: Partial<Surroundings> = {}): Board {
    const port = this.lane.deployment.cloud.mqttPort;
    this.now = new Board(this.lane.executables[this.chip], { port, flash: this.#flash, every: 3_600_000, ...options });
    return this.now;
  }

  /** Ends a life. @throws {Error} when a sanitizer has found something */
  async stop(): Promise<void> {
    const { now } = this;
    this.now = undefined;
    if (now === undefined) return;
    for (const key of keysIn(this.chip, this.#flash)) this.lane.secrets.keys.add(key);
    this.lane.secrets.see(now.serial);
    await now.stop();
  }

  /** Ends what it was told to do, which does not come to its end, and begins anew. */
  async abandon(told: Promise<unknown>): Promise<void> {
    await this.stop();
    await told;
    await this.reset();
  }

  /** As from the factory, and of a device that never had a board. */
  async reset(): Promise<void> {
    await this.lane.reset(this.device);
    for (const ending of ['nor', 'nvs']) rmSync(`${this.#flash}.${ending}`, { force: true });
  }

  /** Enrols a blank board by a new line. `begins` is called when that is about to be typed. */
  async enrol(options: Partial<Surroundings> = {}, begins: Begins = () => undefined): Promise<Line> {
    const made = await this.lane.line(this.device);
    this.code = made.code;
    begins(this.start(options));
    let typed: Board | undefined;
    await this.#until('it has enrolled', () => {
      const { now } = this;
      if (now !== undefined && typed !== now && now.serial.includes('no identity')) typeLines((typed = now), made.line);
      return this.settled !== undefined;
    });
    return made;
  }

  /** What is wrong when it is given a line that is not for it: it is not refused, or something works. */
  async isRefused(line: string): Promise<string | undefined> {
    const board = this.start();
    typeLines(board, line);
    const says = board.says(/enrolment: refused: Access denied/).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const problem = (await says) ?? (this.identities.some(({ used }) => used) ? 'it has used an identity' : undefined);
    await this.stop();
    return problem;
  }

  /** Has it change its key. `begins` is called when it is about to be told. */
  async rotate(options: Partial<Surroundings> = {}, begins: Begins = () => undefined): Promise<void> {
    const before = this.identities.find(({ used }) => used)?.certificateId;
    await this.lane.wantsAnother(this.device);
    const board = this.now ?? this.start(options);
    await this.#until('it has connected', async () => board.cut || (await this.#isConnected()), true);
    begins(board);
    let told: Board | undefined; // in this life: a power cut may have made it forget
    await this.#until(
      'it has another identity',
      async () => {
        const { now } = this;
        if (told !== now && (await this.#isConnected())) {
          await this.lane.command(this.device, 'identity/rotate');
          told = now;
        }
        return this.hasChanged(before);
      },
      true,
    );
  }

  /** What is wrong at any moment: one or two identities of an enrolled device work, and its board has one of them. */
  async problemsNow(isEnrolled: boolean): Promise<string[]> {
    const working = (await this.lane.certificates(this.device)).filter((one) => this.#works(one));
    const has = this.identities.some((one) => working.some(({ id }) => id === one.certificateId));
    return [
      ...(working.length > 2 ? [`${working.length} identities work`] : []),
      ...(isEnrolled && !has ? ['the board has no identity that works'] : []),
    ];
  }

  /** What is wrong in the end: the board has one identity, it works, and `fleet doctor` names whatever else there is. */
  async inspect(): Promise<string[]> {
    const own = this.identities.find(({ used }) => used); // beside one that it asks for
    const isLeft = ({ id, status }: Certificate) => id !== own?.certificateId && status !== 'PENDING_ACTIVATION';
    let certificates = await this.lane.certificates(this.device);
    for (const end = Date.now() + DELETION_MS; certificates.some(isLeft) && Date.now() < end;) {
      await setTimeout(POLL_MS);
      certificates = await this.lane.certificates(this.device);
    }
    const left = certificates.filter(isLeft);
    const said = left.length > 0 ? await this.lane.doctor() : '';
    certificates = await this.lane.certificates(this.device); // those that were about to go are gone
    const unnamed = certificates.filter((one) => isLeft(one) && !said.includes(one.id.slice(0, 8)));
    for (const certificate of certificates.filter(({ id }) => id !== own?.certificateId))
      await deleteCertificate(certificate, this.lane);
    return [
      ...(await this.problemsNow(true)),
      ...(own !== undefined && isKeyOfCertificate(own) ? [] : ['its key is not that of its certificate']),
      ...(left.filter((one) => this.#works(one)).length > 1 ? ['more than two identities work'] : []),
      ...unnamed.map(({ id, status, things }) => `doctor does not name ${id} (${status}, of [${things.join()}])`),
    ];
  }

  #works({ status, things, policies }: Certificate): boolean {
    const { thingName, policyName } = holderOf(this.device);
    return status === 'ACTIVE' && things.join() === thingName && policies.join() === policyName;
  }

  async #isConnected(): Promise<boolean> {
    const clientId = NAMES.thing(this.device);
    const missing = () => ({ connected: false, subscriptions: [] });
    const { connected } = await this.#data.send(new GetConnectionCommand({ clientId })).catch(missing);
    if (connected !== true) return false;
    const { subscriptions = [] } = await this.#data.send(new ListSubscriptionsCommand({ clientId })).catch(missing);
    return subscriptions.length > 0;
  }

  /** Waits until it is so. Where its power is cut, the next life begins. */
  async #until(what: string, isSo: () => boolean | Promise<boolean>, isEnrolled = false): Promise<void> {
    const deadline = Date.now() + LIMIT_MS;
    while (!(await isSo())) {
      if (this.now?.cut) {
        this.problems.push(...(await this.problemsNow(isEnrolled)).map((problem) => `at the cut ${problem}`));
        await this.stop();
        this.start();
      } else if (this.now?.ended !== false || Date.now() > deadline) {
        const why = this.now?.ended === false ? `not within ${LIMIT_MS} ms` : 'it has ended';
        throw new Error(`${what}: ${why}; it said: ${this.now?.serial.slice(-600)}`);
      }
      await setTimeout(POLL_MS);
    }
  }
}
