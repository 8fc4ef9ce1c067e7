import { basename } from 'node:path';
import { readFleet } from '../../lib/fleet/read.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type {
  CertificateView,
  CloudWatchView,
  Denial,
  DeviceView,
  Known,
  Message,
  ServerEvent,
} from '../../web/wire.ts';
import { fleetAlarms } from '../aws/alarms.ts';
import { loggedDenials } from '../aws/broker-log.ts';
import { cloudName } from '../aws/cloud.ts';
import { connectionOf } from '../aws/connection.ts';
import { DeadLetterQueue } from '../aws/dead-letter-queue.ts';
import { telemetryDeployment, timeSeries, type TimeSeries } from '../aws/deployment.ts';
import { rowAtTheEnd } from '../rows/time-series.ts';
import { endpoint } from '../fleet/cloud-choice.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { type CertificateState, type DeviceState, deviceStates } from '../fleet/device-state.ts';
import { disagreements } from '../fleet/disagreements.ts';
import { errorMessage } from '../terminal/error-message.ts';
import { fleetDevices, type WhichFleet } from '../fleet/fleet-device.ts';
import { Follower } from '../rows/follow.ts';
import { Unknowns } from '../fleet/unknowns.ts';
import { messageOf } from './messages.ts';
import { repeat } from './repeat.ts';

const ROWS_MS = 300;
const FLEET_MS = 2_000;
const WATCH_MS = 5_000;

/** The page knows again what it has. */
const OVERLAP_MS = 10_000;

const DENIALS_MS = 3 * 3_600_000;

type Listener = (event: ServerEvent) => void;

/**
 * What the cloud says of the fleet, asked for while somebody looks, and told to all who do. It holds the present alone: of
 * each device its state and its newest message.
 */
export class Watch {
  readonly #which: WhichFleet;
  readonly #listeners = new Set<Listener>();
  readonly #problems = new Map<string, string>();
  readonly #newest = new Map<string, Message>();
  #followers = new Map<string, Follower>();
  #series: TimeSeries | undefined;
  #devices: readonly Omit<DeviceView, 'newest'>[] = [];
  #leftOut: string | undefined;
  #cloud: string | undefined;
  #watched: CloudWatchView | undefined;
  #running: AbortController | undefined;

  constructor(which: WhichFleet) {
    this.#which = which;
  }

  /** Tells a listener all that is known, and from then on what changes, until the function that it gives back is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    listener(this.#problemsEvent());
    if (this.#cloud !== undefined) listener(this.#fleetEvent());
    if (this.#watched !== undefined) listener({ type: 'watch', ...this.#watched });
    this.#running ??= this.#run();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#running?.abort();
      this.#running = undefined;
      this.#followers.clear(); // what comes meanwhile is history then, which the page asks for
      // Nobody knows how long it will be: whoever looks next would be told of the present what is long past.
      this.#cloud = undefined;
      this.#watched = undefined;
      this.#devices = [];
      this.#newest.clear();
      this.#problems.clear();
    };
  }

  /** Asks for the state of the devices now, since something was done to one. */
  async refresh(): Promise<void> {
    await this.#askFleet();
  }

  #run(): AbortController {
    const running = new AbortController();
    const { signal } = running;
    const start = (source: string, every: number, rest: number, ask: () => Promise<void>) => {
      const onProblem = (problem: string | undefined) => !signal.aborted && this.#tellProblem(source, problem);
      void repeat({ ask, every, rest, signal, onProblem });
    };
    // A large fleet takes AWS seconds to tell of, within limits that all of an account shares: for a sixth of the time.
    start('fleet', FLEET_MS, 5, () => this.#askFleet());
    start('rows', ROWS_MS, 1, () => this.#askRows());
    start('watch', WATCH_MS, 5, () => this.#askWatch());
    return running;
  }

  async #askFleet(): Promise<void> {
    const { fleet, names } = this.#which;
    const unknowns = new Unknowns();
    const problems: string[] = [];
    const sites = readFleet(fleet, names);
    const onProblem = (problem: string) => problems.push(problem);
    // The page asks for each device, again and again: not for those of lists, which may be thousands.
    const states = await deviceStates(sites, this.#which, unknowns, { onProblem, lists: 'none' });
    const lists = sites.flatMap(({ list }) => (list === undefined ? [] : [basename(list.file)]));
    this.#leftOut =
      lists.length > 0 ? `The devices of ${lists.join(', ')} are not on this page; see: bin/fleet list` : undefined;
    this.#tellProblem('telemetry', problems[0]);
    this.#devices = await concurrently(states, (state) => viewOf(state, unknowns));
    this.#tellProblem('unknown', unknowns.lines.join('. ') || undefined);
    this.#cloud ??= await cloudName();
    this.#tell(this.#fleetEvent());
  }

  /** Rows of all devices since the last time. What failed is asked for again: a follower goes on only when it was answered. */
  async #askRows(): Promise<void> {
    const inFiles = fleetDevices(this.#which)
      .filter(({ site }) => site.list === undefined)
      .map(({ device }) => device.name);
    const others = this.#devices.map(({ device }) => device);
    try {
      const series = (this.#series ??= await timeSeries(this.#which.names));
      const found = await concurrently([...new Set([...inFiles, ...others])], (name) =>
        this.#newMessages(series, name),
      );
      const messages = found.flat().sort((a, b) => (a.arrival < b.arrival ? -1 : 1));
      if (messages.length > 0) this.#tell({ type: 'messages', messages });
    } catch (error) {
      this.#series = undefined; // deployed anew, it has another name
      throw error;
    }
  }

  async #newMessages(series: TimeSeries, device: string): Promise<Message[]> {
    const key = `${series.table} ${device}`;
    let follower = this.#followers.get(key);
    if (follower === undefined) {
      const newest = await rowAtTheEnd(series, device, 'newest');
      // From a little before the newest on, so that nothing is missed between it and what the page has asked for. By the
      // cloud's clock: this machine's may differ.
      follower = new Follower(series, device, newest === undefined ? 0 : messageOf(newest).received - OVERLAP_MS);
      this.#followers.set(key, follower);
    }
    const messages = (await follower.newRows()).map(messageOf);
    const last = messages.at(-1);
    if (last !== undefined) this.#newest.set(device, last);
    return messages;
  }

  async #askWatch(): Promise<void> {
    const { names } = this.#which;
    const [alarms, deadLetters, denials] = await Promise.all([
      known(() => alarmViews(names)),
      known(() => waiting(names)),
      known(denied),
    ]);
    this.#watched = { alarms, deadLetters, denials };
    this.#tell({ type: 'watch', ...this.#watched });
  }

  #fleetEvent(): ServerEvent {
    const devices = this.#devices.map((view) => {
      const newest = this.#newest.get(view.device);
      return newest === undefined ? view : { ...view, newest };
    });
    return {
      type: 'fleet',
      cloud: this.#cloud ?? '',
      devices,
      ...(this.#leftOut !== undefined && { leftOut: this.#leftOut }),
    };
  }

  #problemsEvent(): ServerEvent {
    return { type: 'problems', problems: [...new Set(this.#problems.values())] };
  }

  #tellProblem(source: string, problem: string | undefined): void {
    if (this.#problems.get(source) === problem) return;
    if (problem === undefined) this.#problems.delete(source);
    else this.#problems.set(source, problem);
    this.#tell(this.#problemsEvent());
  }

  #tell(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

async function viewOf(state: DeviceState, unknowns: Unknowns): Promise<Omit<DeviceView, 'newest'>> {
  const { device, site, names, board, revoked, deployed, certificates, connected, lastSeen } = state;
  const isGone = deployed && connected === false;
  const ended = isGone
    ? await unknowns.orUndefined('how sessions ended', connectionOf(names.thing(device)), 'iot:GetConnection')
    : undefined;
  return {
    device,
    site,
    ...(board !== undefined && { board }),
    commandTopic: names.commandTopic(device),
    revoked,
    deployed,
    ...(certificates && { certificates: certificates.map(certificateView) }),
    ...(connected !== undefined && { connected }),
    ...(ended?.disconnectedSince !== undefined && {
      disconnected: {
        since: ended.disconnectedSince,
        ...(ended.disconnectReason !== undefined && { reason: ended.disconnectReason }),
      },
    }),
    ...(typeof lastSeen === 'number' && { lastSeen }),
    disagreements: disagreements(state),
  };
}

/** Nothing but these of a certificate, and nothing at all of what belongs to it. */
function certificateView({ id, status, created, expires }: CertificateState): CertificateView {
  return {
    id,
    status,
    ...(created && { created: created.getTime() }),
    ...(expires && { expires: expires.getTime() }),
  };
}

async function alarmViews(names: FleetNames) {
  return (await fleetAlarms(names)).map(({ since, ...alarm }) => ({
    ...alarm,
    ...(since && { since: since.getTime() }),
  }));
}

async function waiting(names: FleetNames): Promise<number> {
  const { deadLetters } = await telemetryDeployment(names);
  const { visible, inFlight } = await new DeadLetterQueue(deadLetters, 0).depth();
  return visible + inFlight;
}

const LOGS_ARE_OFF =
  'AWS IoT tells only while its logs are on, which they are not by themselves; they cost by the gigabyte. ' +
  'The commands that switch them on: bin/fleet doctor';

async function denied(): Promise<readonly Denial[]> {
  const found = await loggedDenials(Date.now() - DENIALS_MS);
  if (found === undefined) throw new Error(LOGS_ARE_OFF);
  return found.slice(0, 100);
}

/** Whoever may not ask for one of these, or has none, still gets the others. */
async function known<T>(ask: () => Promise<T>): Promise<Known<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    return { unknown: errorMessage(error, endpoint()) };
  }
}
