import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { casesOf } from './cases.ts';
import type { Call } from './trouble.ts';
import { callsOf } from './calls.ts';
import { type Lane, openLane } from './lane.ts';
import { OPERATIONS, type Operation, titleOf } from './operations.ts';
import { type CaseOutcome, runCase } from './run-case.ts';

/** What a lane is asked for. */
export type Request =
  | { readonly kind: 'calls'; readonly operation: string }
  | { readonly kind: 'case'; readonly operation: string; readonly calls: readonly Call[]; readonly index: number }
  | { readonly kind: 'end' };

/** What it answers. */
export type Reply =
  | { readonly kind: 'calls'; readonly calls: readonly Call[] }
  | { readonly kind: 'case'; readonly outcome: CaseOutcome }
  /** The lane has ended. `leak`: what stands in a log and must not. */
  | { readonly kind: 'end'; readonly leak: string | undefined }
  | { readonly kind: 'failed'; readonly why: string };

/** CloudFormation remembers every stack, and `fleet doctor` asks about all of them: a new cloud is faster than many of these. */
const CASES_OF_A_CLOUD = 40;

const [deployed = '', folder = ''] = process.argv.slice(2);
let opened: { readonly lane: Lane; readonly data: string; cases: number } | undefined;
let clouds = 0;
let port: number | undefined;
const leaks: string[] = [];

async function laneForCase(): Promise<Lane> {
  if (opened !== undefined && opened.cases < CASES_OF_A_CLOUD) {
    opened.cases += 1;
    return opened.lane;
  }
  await close();
  const data = join(folder, String(++clouds));
  cpSync(deployed, data, { recursive: true });
  const lane = await openLane(data, port);
  // The clients of the verbs keep it.
  port = lane.port;
  opened = { lane, data, cases: 1 };
  return lane;
}

async function close(): Promise<void> {
  if (opened === undefined) return;
  const leak = await opened.lane.leak();
  if (leak !== undefined) leaks.push(leak);
  await opened.lane.close();
  rmSync(opened.data, { recursive: true, force: true });
  opened = undefined;
}

function named(name: string): Operation {
  const operation = OPERATIONS.find((one) => titleOf(one) === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}

async function answer(request: Request): Promise<Reply> {
  switch (request.kind) {
    case 'calls':
      return { kind: 'calls', calls: await callsOf(named(request.operation), await laneForCase()) };
    case 'case': {
      const one = casesOf(named(request.operation), request.calls)[request.index];
      if (one === undefined) throw new Error(`no case ${request.index}`);
      return { kind: 'case', outcome: await runCase(one, await laneForCase()) };
    }
    case 'end':
      await close();
      return { kind: 'end', leak: leaks[0] };
  }
}

process.on('message', (request: Request) => {
  void answer(request)
    .catch((error: unknown): Reply => ({
      kind: 'failed',
      why: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }))
    .then((reply) => process.send?.(reply, () => request.kind === 'end' && process.exit()));
});

// The proof has been ended.
process.on('disconnect', () => process.exit());
