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
import { askExpressions } from './aws/ask-expressions.ts';
import { askForbidden } from './aws/ask-forbidden.ts';
import { askActionType, askAdoption, askLists } from './aws/ask-registry.ts';
import { askRows } from './aws/ask-rows.ts';
import { EXPRESSIONS } from './aws/expressions.ts';
import { FORBIDDEN } from './aws/forbidden.ts';
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

/** Each is given what has been answered before it. */
const GROUPS: readonly {
  readonly name: string;
  readonly ask: (fleet: ScratchFleet, before: readonly Answer[], signal: AbortSignal) => Promise<Answer[]>;
}[] = [
  { name: 'the SQL of rules', ask: (fleet, _, signal) => askExpressions(fleet, EXPRESSIONS, signal) },
  { name: 'messages of every kind', ask: askRows },
  { name: 'what is forbidden', ask: (fleet, _, signal) => askForbidden(fleet, FORBIDDEN, signal) },
  { name: 'lists', ask: (fleet) => askLists(fleet) },
  { name: 'a thing that is there', ask: (fleet, _, signal) => askAdoption(fleet, signal) },
  { name: 'metrics', ask: (fleet, _, signal) => askActionType(fleet, signal) },
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
  progress.say(`${cloud}: some 10 minutes, and ${mostDollars().toFixed(2)} US dollars at the most`);
  if (!yes) await confirm(process, cloud, 'Deploy a scratch fleet, ask, and remove it again?');
  const folder = mkdtempSync(join(tmpdir(), 'esp-fleet-aws-'));
  const answers: Answer[] = [];
  const lines: string[][] = [];
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
        for (const { name, ask } of GROUPS) {
          progress.say(`asking: ${name}`);
          const said = await ask(fleet, answers, signal);
          answers.push(...said);
          lines.push(...linesOf(name, said));
        }
      } finally {
        progress.say('removing');
        await fleet.remove();
      }
    });
    const remains = await fleet.inventory();
    const end = answered({ question: 'nothing is left behind', assumed: 'nothing' }, remains.join(', ') || 'nothing');
    answers.push(end);
    lines.push(...linesOf('the end', [end]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const { question, assumed, seen, verdict } of answers)
    progress.case(question, verdict === 'differs' ? `assumed ${assumed}, seen ${seen}` : undefined);
  progress.say(table(process.stdout, ['question', 'assumed', 'seen', 'verdict'], lines));
  const readings = Object.entries(readingsOf(answers)).map(([name, value]) => `--reading ${name}=${value}`);
  progress.say(`The local cloud does the same with: npm run local -- ${readings.join(' ')}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ cloud, at: new Date(), answers }, undefined, 2)}\n`);
  return progress.outcome;
}

/** Of a group with so many answers, those that are as assumed are one line. */
const MANY = 40;

function linesOf(group: string, answers: readonly Answer[]): string[][] {
  const isShort = ({ verdict }: Answer) => answers.length > MANY && verdict === 'as assumed';
  const told = answers.filter((answer) => !isShort(answer));
  const lines = told.map(({ question, assumed, seen, verdict }) => [question, assumed, seen, verdict]);
  const rest = answers.length - told.length;
  return rest === 0 ? lines : [...lines, [`${group}: ${rest}`, '', '', 'as assumed']];
}
