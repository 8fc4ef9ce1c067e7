import { type Command, CommanderError } from 'commander';
import { cloudName, printCloud } from '../aws/cloud.ts';
import { DeadLetterQueue } from '../aws/dead-letter-queue.ts';
import { telemetryDeployment } from '../aws/deployment.ts';
import { RefusedRowError, writeRow } from '../rows/row-writer.ts';
import type { CommonOptions } from '../common-options.ts';
import type { DeadLetter } from '../redrive/dead-letter.ts';
import { type Form, type Left, Redrive, type Tally } from '../redrive/redrive.ts';
import { type RedriveSettings, redrivenRows, UnplaceableError } from '../redrive/redriven-rows.ts';
import { ProgressBar } from '../terminal/progress-bar.ts';
import { table } from '../terminal/table.ts';
import { indentedJson, print, printable, printWarning, type Terminal } from '../terminal/terminal.ts';
import { untilInterrupted } from '../terminal/until-interrupted.ts';

interface RedriveOptions extends CommonOptions {
  readonly dryRun?: true;
  readonly json?: true;
}

/** How long a message that is under way is hidden from another redrive. A batch takes a second. */
const HIDDEN_SECONDS = 30;

const EXIT_INTERRUPTED = 130; // as shells have it: 128 + SIGINT

export function configure(command: Command, terminal: Terminal): void {
  command
    .option('--dry-run', 'say what would be written, and do nothing')
    .option('--json', 'print a JSON object')
    .addHelpText(
      'after',
      `
Dead letters are messages that the time-series did not take. Each becomes the row that the rule would have written, with
the time of its first arrival, and is deleted once the row is there. What DynamoDB refuses as columns is kept whole in
the column "raw". A message that cannot become a row is named and stays in the queue; the exit code is then 1. Ctrl-C finishes what is under
way. The verb may be repeated, killed, or run twice at once: the same message makes the same row.

Examples:
  bin/fleet redrive --dry-run
  bin/fleet redrive`,
    )
    .action(() => redrive(command.optsWithGlobals<RedriveOptions>(), terminal));
}

async function redrive(options: RedriveOptions, terminal: Terminal): Promise<void> {
  const dryRun = options.dryRun === true;
  const { names } = options;
  const [{ table, deadLetters, rowSettings }, cloud] = await Promise.all([telemetryDeployment(names), cloudName()]);
  const redriven = { ...rowSettings, names };
  if (!options.json) await printCloud(terminal, cloud);
  const queue = new DeadLetterQueue(deadLetters, HIDDEN_SECONDS);
  const { visible, inFlight } = await queue.depth();
  const bar = new ProgressBar(terminal, dryRun ? 'reading' : 'redriving', visible + inFlight);

  await untilInterrupted(async (signal) => {
    const work: Redrive = new Redrive({
      queue,
      place: dryRun ? async (letter) => wouldBe(letter, redriven) : (letter) => placed(letter, table, redriven),
      remove: !dryRun,
      patience: HIDDEN_SECONDS * 1_000,
      signal,
      onProgress: () => bar.update(sum(work.tally)),
    });
    try {
      await work.run();
    } finally {
      bar.end();
      await report(work.tally, options, signal.aborted, terminal);
    }
    if (signal.aborted) throw new CommanderError(EXIT_INTERRUPTED, 'fleet.interrupted', 'interrupted');
    if (work.tally.left.length > 0) throw new CommanderError(1, 'fleet.left', 'some are left');
  });
}

function wouldBe(letter: DeadLetter, settings: RedriveSettings): Form {
  return redrivenRows(letter, settings).columns === undefined ? 'raw' : 'columns';
}

/** Writes the row of a dead letter. @throws {UnplaceableError} */
async function placed(letter: DeadLetter, table: string, settings: RedriveSettings): Promise<Form> {
  const { columns, raw } = redrivenRows(letter, settings);
  try {
    if (columns !== undefined) {
      await writeRow(table, columns);
      return 'columns';
    }
  } catch (error) {
    if (!(error instanceof RefusedRowError)) throw error; // for a reason that isStorable does not know
  }
  try {
    await writeRow(table, raw);
    return 'raw';
  } catch (error) {
    throw error instanceof RefusedRowError ? new UnplaceableError(`DynamoDB refuses it: ${error.message}`) : error;
  }
}

async function report(
  tally: Tally,
  { dryRun, json }: RedriveOptions,
  interrupted: boolean,
  { stdout }: Terminal,
): Promise<void> {
  const { columns, raw, left } = tally;
  if (json) return print(stdout, indentedJson({ dryRun: dryRun === true, interrupted, rows: { columns, raw }, left }));

  const rows = [
    [dryRun ? 'would be rows, a column a field' : 'rows, a column a field', String(columns)],
    [dryRun ? 'would be rows, payload kept whole' : 'rows, payload kept whole', String(raw)],
    ['left in the queue', String(left.length)],
  ];
  await print(stdout, table(stdout, ['dead letters', 'messages'], rows));
  for (const line of reasons(left)) await printWarning(stdout, printable(line));
  if (interrupted) await print(stdout, 'Interrupted; for the rest: bin/fleet redrive');
}

/** One line for all messages of one topic that are left for one reason. */
function reasons(left: readonly Left[]): string[] {
  const counts = new Map<string, number>();
  for (const { topic, reason, messageId } of left) {
    const line = `${topic === undefined ? messageId : JSON.stringify(topic)}: ${reason}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} messages)`));
}

function sum({ columns, raw, left }: Tally): number {
  return columns + raw + left.length;
}
