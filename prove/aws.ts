import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudName } from '../cli/aws/cloud.ts';
import { CliError } from '../cli/terminal/cli-error.ts';
import { chooseCloud, endpoint } from '../cli/fleet/cloud-choice.ts';
import { confirm } from '../cli/terminal/confirm.ts';
import { errorMessage } from '../cli/terminal/error-message.ts';
import { table } from '../cli/terminal/table.ts';
import { untilInterrupted } from '../cli/terminal/until-interrupted.ts';
import { askDeadLetters } from './aws/ask-dead-letters.ts';
import { askDeletion } from './aws/ask-deletion.ts';
import { askSql } from './aws/ask-expressions.ts';
import { askForbidden } from './aws/ask-forbidden.ts';
import { askFragments } from './aws/ask-fragment.ts';
import { askActionType, askAdoption, askLists, askThingUpdate } from './aws/ask-registry.ts';
import { askRevocation } from './aws/ask-revocation.ts';
import { askRows } from './aws/ask-rows.ts';
import { askStatements } from './aws/ask-statements.ts';
import { askTable } from './aws/ask-table.ts';
import { askWrites } from './aws/ask-writes.ts';
import { mostDollars } from './aws/most-dollars.ts';
import { type Answer, answered, readingsOf } from './aws/probe.ts';
import { ScratchFleet } from './aws/scratch-fleet.ts';
import type { Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';

export interface AwsOptions {
  /** Do not ask before it begins. */
  readonly yes?: boolean | undefined;
  /** Where to write the answers, too. */
  readonly json?: string | undefined;
}

interface Group {
  readonly name: string;
  /** @param before what those before it in its lane were answered */
  readonly ask: (fleet: ScratchFleet, signal: AbortSignal, before: readonly Answer[]) => Promise<Answer[]>;
}

/** Lanes beside each other, since some wait for minutes; in each one group after the other, since they share device or queue. */
const LANES: readonly (readonly Group[])[] = [
  [
    { name: 'the SQL of rules', ask: (fleet, signal) => askSql(fleet, signal) },
    { name: 'the statements of the product', ask: askStatements },
    { name: 'messages of every kind', ask: askRows },
    { name: 'items', ask: askTable },
    { name: 'dead letters', ask: askDeadLetters },
    { name: 'what is forbidden', ask: (fleet, signal) => askForbidden(fleet, signal) },
    { name: 'metrics', ask: askActionType },
  ],
  [{ name: 'what is detached', ask: askDeletion }],
  [{ name: 'a revoked device', ask: askRevocation }],
  [
    { name: 'TLS', ask: askFragments },
    { name: 'lists', ask: askLists },
    { name: 'a thing that is there', ask: askAdoption },
    { name: 'a thing that is changed', ask: askThingUpdate },
    { name: 'writes of parameters', ask: askWrites },
  ],
];

/**
 * Asks the cloud that the environment names what no document says, and whether it does what the documents promise, by the
 * product's own stacks under a scratch name. Nothing of it stays, and what an earlier run has left is removed first.
 */
export async function prove(progress: Progress, { yes = false, json }: AwsOptions = {}): Promise<Outcome> {
  chooseCloud({});
  const cloud = await cloudName().catch((error: unknown) => {
    throw new CliError(errorMessage(error, endpoint()));
  });
  progress.say(`${cloud}: some 15 minutes, and ${mostDollars().toFixed(2)} US dollars at the most`);
  if (!yes) await confirm(process, cloud, 'Deploy a scratch fleet, ask, and remove it again?');
  const folder = mkdtempSync(join(tmpdir(), 'esp-fleet-aws-'));
  const answers: Answer[] = [];
  const lines: string[][] = [];
  const remains: string[] = [];
  try {
    const fleet = new ScratchFleet(folder);
    await fleet.refuseForeign();
    const left = await fleet.inventory();
    if (left.length > 0) {
      progress.say(`removing what an earlier run has left: ${left.join(', ')}`);
      await fleet.remove();
    }
    await untilInterrupted(async (signal) => {
      signal.addEventListener('abort', () => progress.say('interrupted: what is under way is ended and removed'));
      try {
        progress.say('deploying');
        await fleet.deploy(signal);
        for (const { name, said } of await askAll(fleet, signal, (name) => progress.say(`asking: ${name}`))) {
          answers.push(...said);
          lines.push(...linesOf(name, said));
        }
      } finally {
        progress.say('removing');
        // Neither why the asking ended nor what was answered gets lost by it.
        await fleet.remove().catch((error: unknown) => remains.push(errorMessage(error, endpoint())));
        for (const why of remains) progress.say(`it could not be removed: ${why}`);
      }
    });
    remains.push(...(await fleet.inventory()));
    const end = answered({ question: 'nothing is left behind', assumed: 'nothing' }, remains.join(', ') || 'nothing');
    answers.push(end);
    lines.push(...linesOf('the end', [end]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const { question, assumed, seen, verdict } of answers)
    progress.case(question, verdict === 'differs' ? `assumed ${assumed}, seen ${seen}` : undefined);
  progress.say(table(process.stdout, ['question', 'assumed', 'seen', 'verdict'], lines));
  const readings = readingsOf(answers);
  const options = Object.entries(readings).map(([name, value]) => `--reading ${name}=${value}`);
  progress.say(`The local cloud does the same with: npm run local -- ${options.join(' ')}`);
  const report = { cloud, at: new Date(), readings, answers };
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
  return progress.outcome;
}

interface Told {
  readonly name: string;
  readonly said: readonly Answer[];
}

/** @throws the first failure, once every lane has ended */
async function askAll(fleet: ScratchFleet, signal: AbortSignal, begins: (name: string) => void): Promise<Told[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const lane = async (groups: readonly Group[]): Promise<Told[]> => {
    const told: Told[] = [];
    try {
      for (const { name, ask } of groups) {
        either.throwIfAborted();
        begins(name);
        const before = told.flatMap(({ said }) => said);
        told.push({ name, said: await ask(fleet, either, before) });
      }
    } catch (error) {
      failed.abort(error);
      throw error;
    }
    return told;
  };
  const ended = await Promise.allSettled(LANES.map(lane));
  if (failed.signal.aborted) throw failed.signal.reason;
  return ended.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}

/** Of a group with so many answers, those that are as documented are one line. */
const MANY = 40;

function linesOf(group: string, answers: readonly Answer[]): string[][] {
  const isShort = ({ verdict, open }: Answer) => answers.length > MANY && verdict === 'as assumed' && !open;
  const told = answers.filter((answer) => !isShort(answer));
  const lines = told.map(({ question, assumed, seen, verdict }) => [question, assumed, seen, verdict]);
  const rest = answers.length - told.length;
  return rest === 0 ? lines : [...lines, [`${group}: ${rest}`, '', '', 'as assumed']];
}
