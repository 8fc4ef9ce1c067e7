import type { Fault } from '@esp-fleet/local-cloud';
import { setTimeout } from 'node:timers/promises';
import type { Board, Surroundings } from '../../testing/firmware/board.ts';
import { FlakyWire, type Point } from '../../testing/firmware/flaky-wire.ts';
import { failuresOf } from '../faults/failures.ts';
import type { Call } from '../faults/trouble.ts';
import type { Chip, Lane } from './lane.ts';
import { ProvedBoard } from './proved-board.ts';

/** What a board does: it gets its first identity, or another one. */
export const STORIES = ['enrol', 'rotate'] as const;
export type Story = (typeof STORIES)[number];

/** What goes wrong in a story. */
export type Trouble =
  /** The power is cut, after so many operations of flash; 3.5: in the middle of the fourth. */
  | { readonly kind: 'write'; readonly after: number }
  /** The link breaks at a packet, or the power is cut there. */
  | { readonly kind: 'packet'; readonly connection: number; readonly point: Point; readonly ends: 'link' | 'power' }
  /** A call fails. */
  | { readonly kind: 'call'; readonly call: string; readonly words: string; readonly fault: FaultOn };

type FaultOn = (meets: Met) => Fault;

/** The board and its present life, when a call fails. */
interface Met {
  readonly board: ProvedBoard;
  readonly now: Board;
  /** The certificate of the identity that it had before. */
  readonly before: string | undefined;
}

export interface Case {
  readonly chip: Chip;
  readonly story: Story;
  readonly trouble: Trouble;
}

export function wordsOf({ chip, story, trouble }: Case): string {
  const what = `${chip}, ${story}: `;
  if (trouble.kind === 'write') return `${what}power cut after ${trouble.after} writes`;
  if (trouble.kind === 'call') return `${what}${trouble.call}: ${trouble.words}`;
  const { connection, ends, point } = trouble;
  return `${what}${ends} cut behind ${point.records} of ${point.of} by the ${point.by}, connection ${connection}`;
}

/** A board of each chip in a lane; each goes on as what the case before has made of it. */
export type Boards = Readonly<Record<Chip, ProvedBoard>>;

export const boardsIn = (lane: Lane): Boards => ({
  esp8266: new ProvedBoard(lane, 'esp8266'),
  esp32: new ProvedBoard(lane, 'esp32'),
});

/** Brings a board to where a story begins. */
export async function prepare(board: ProvedBoard, story: Story): Promise<void> {
  if (story === 'rotate' && board.settled !== undefined) return;
  await board.reset();
  if (story === 'enrol') return;
  await board.enrol();
  await board.stop();
  await board.inspect();
}

/** What comes of a call that somebody was faster than. */
export interface Race {
  readonly words: string;
  readonly chip: Chip;
  readonly story: Story;
  readonly target: CallTarget;
  /** Who was: somebody with `fleet revoke`, another board with the same line, or the board itself by its next rotation. */
  readonly by: 'fleet revoke' | 'another board' | 'its next rotation';
}

/** What can go wrong in a story, and what somebody else can be faster than. */
export interface Found {
  readonly cases: readonly Case[];
  readonly races: readonly Race[];
}

/** Finds out by a story in which nothing goes wrong. */
export async function casesOf(chip: Chip, story: Story, lane: Lane): Promise<Found> {
  const board = boardsIn(lane)[chip];
  await prepare(board, story);
  const wire = await FlakyWire.start(lane.deployment.cloud.mqttPort);
  wire.counts = new Map();
  let begun: ReadonlyMap<string, number> = new Map();
  let life: Board | undefined;
  await board[story]({ port: wire.port }, (now) => {
    life = now;
    begun = new Map(wire.counts);
    lane.faults.clear();
  });
  await board.stop();
  const problems = await board.inspect(); // the board's message that it uses its identity leads to more calls
  const calls = lane.faults.calls.flatMap((call) => {
    const maker = makerOf(call);
    return maker === undefined ? [] : [{ ...call, maker }];
  });
  await wire.stop();
  if (problems.length > 0) throw new Error(`${story} of an ${chip} fails without a fault: ${problems.join('; ')}`);

  const troubles: Trouble[] = [];
  for (let after = 0; after < (life?.flashOperations ?? 0); after += 0.5) troubles.push({ kind: 'write', after });
  for (const [name, count] of wire.counts) {
    const [connection, by, of] = name.split(' ') as [string, 'board' | 'broker', Point['of']];
    for (let records = begun.get(name) ?? 0; records < count; records++)
      for (const ends of ['link', 'power'] as const)
        troubles.push({
          kind: 'packet',
          connection: Number(connection),
          point: { by, of, records, half: false },
          ends,
        });
  }
  const numbered = numberedCalls(calls);
  troubles.push(...numbered.flatMap(callTroubles));
  return {
    cases: troubles.map((trouble) => ({ chip, story, trouble })),
    races: numbered.flatMap(({ words, target }) =>
      raced(story, target).map((by) => ({
        words: `${chip}, ${story}: ${by} before ${words}`,
        chip,
        story,
        target,
        by,
      })),
    ),
  };
}

function raced(story: Story, { caller = '', service, occurrence }: CallTarget): Race['by'][] {
  if (caller.includes('IdentityUsed')) return ['its next rotation'];
  if (service === 'lambda' && occurrence !== 1) return [];
  return story === 'enrol' ? ['fleet revoke', 'another board'] : ['fleet revoke'];
}

/** Which call, as a fault finds it: boards are called by their client ids, so any of them. */
export type CallTarget = Pick<Fault, 'service' | 'operation' | 'occurrence' | 'caller'>;

interface NumberedCall {
  readonly words: string;
  readonly call: Call;
  readonly target: CallTarget;
}

function numberedCalls(calls: readonly Call[]): NumberedCall[] {
  const seen = new Map<string, number>();
  return calls.map((call) => {
    const { service, operation, caller } = call;
    // The role's name without what the stack puts before and behind it.
    const [, role] = /:assumed-role\/(?:.*-)?(\w+?)Role\w*-/.exec(caller) ?? [];
    const key = `${service}:${operation} by ${service === 'mqtt' ? 'the board' : (role ?? 'AWS IoT')}`;
    const occurrence = (seen.get(key) ?? 0) + 1;
    seen.set(key, occurrence);
    const target = { service, operation, occurrence, ...(service !== 'mqtt' && { caller }) };
    return { words: `${key} #${occurrence}`, call, target };
  });
}

/** Who makes a call of an enrolment; undefined for those of the proof, and of what only counts or logs. */
function makerOf({ service, operation, caller }: Call | Omit<Call, 'maker'>): Call['maker'] | undefined {
  if (service === 'mqtt') return 'CloudFormation'; // as what cannot crash
  if (service === 'lambda' && operation === 'Invoke') return 'CloudFormation';
  if (!caller.includes(':assumed-role/')) return undefined;
  if (/IdentityUsed|Hook/.test(caller)) return service === 'iot' || service === 'dynamodb' ? 'function' : undefined;
  return service === 'iot' ? 'CloudFormation' : undefined;
}

function callTroubles({ call, words: name, target }: NumberedCall): Trouble[] {
  const { service, caller } = call;
  // Of what these effects do to a verb, nothing is here.
  const effects: Record<string, FaultOn> = {};
  for (const [words, effect] of Object.entries(failuresOf(call)))
    effects[words] = () => ({ ...target, ...effect(undefined as never) });
  if (service === 'mqtt') {
    effects['no answer'] = () => ({ ...target, kind: 'time out' });
    effects['doubled, once it is done'] = ({ board, before }) => {
      const again = until(() => board.hasChanged(before), LONGEST_MS);
      return { ...target, kind: 'answer twice', again };
    };
  }
  // The board has given up waiting by then; and where the template is late, has also tried the certificate, and asks again.
  if (service !== 'lambda' && !caller.includes('IdentityUsed')) {
    const isTemplate = service === 'iot' && !caller.includes('Hook');
    const [said, limitMs] = isTemplate ? ['asks again in', 10_000] : ['no answer', 4_500]; // AWS IoT waits 5 s for its hook
    effects.late = ({ now }) => ({
      ...target,
      kind: 'meanwhile',
      act: () => until(() => now.serial.includes(said), limitMs),
    });
  }
  return Object.entries(effects).map(([words, fault]): Trouble => ({ kind: 'call', call: name, words, fault }));
}

const LONGEST_MS = 30_000;

export async function until(isSo: () => boolean, limitMs: number): Promise<void> {
  for (const end = Date.now() + limitMs; !isSo() && Date.now() < end;) await setTimeout(20);
}

/** @returns undefined when the trouble was not met: nothing was proved */
export async function runCase({ story, trouble }: Case, board: ProvedBoard): Promise<string[] | undefined> {
  const { lane } = board;
  let wire: FlakyWire | undefined;
  try {
    await prepare(board, story);
    board.problems.length = 0;
    const options: Partial<Surroundings> = {};
    let met = false;
    let begins: (now: Board) => void = () => undefined;
    if (trouble.kind === 'write') Object.assign(options, { cut: trouble.after });
    if (trouble.kind === 'packet') {
      wire = await FlakyWire.start(lane.deployment.cloud.mqttPort);
      Object.assign(options, { port: wire.port });
      wire.breaking = trouble.connection;
      wire.point = trouble.point;
      wire.onPoint = (_, cut) => {
        met = true;
        if (trouble.ends === 'power') board.now?.cutPower();
        cut();
      };
    }
    const before = board.settled;
    if (trouble.kind === 'call') {
      begins = (now) => {
        lane.faults.clear();
        lane.faults.add(trouble.fault({ board, now, before }));
      };
    }
    let life: Board | undefined;
    await board[story](options, (now) => {
      life = now;
      begins(now);
    });
    await board.stop();
    await lane.faults.settle();
    const problems = [...board.problems, ...(await board.inspect())];
    if (trouble.kind === 'write') met = life?.cut === true;
    if (trouble.kind === 'call') met = lane.faults.injected.length > 0;
    return problems.length > 0 ? problems : met ? [] : undefined;
  } catch (error) {
    await board.stop().catch(() => undefined);
    await board.reset();
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    lane.faults.clear();
    await wire?.stop();
  }
}
