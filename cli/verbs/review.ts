import { type Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { readFleet } from '../../lib/fleet/read.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { CommonOptions } from '../common-options.ts';
import { costTable } from '../cost/cost-table.ts';
import { type Deployment, deploymentOf } from '../cost/deployment.ts';
import { estimate, type Traffic } from '../cost/estimate.ts';
import { PRICES_AS_OF, REGION } from '../cost/prices.ts';
import { compare } from '../review/compare.ts';
import { findBase } from '../review/git.ts';
import { markdown } from '../review/markdown.ts';
import { plainText } from '../review/plain-text.ts';
import { isIrreversible, reportOf, type Review, type ReviewedCost } from '../review/report.ts';
import { type Side, synthesizeBoth, synthesizeHead } from '../review/synthesis.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { indentedJson, type Output, print, type Terminal } from '../terminal/terminal.ts';
import { lengthOfTime } from '../terminal/time.ts';
import type { Tools } from '../tools.ts';
import { untilInterrupted } from '../terminal/until-interrupted.ts';

interface ReviewOptions extends CommonOptions {
  readonly base?: string;
  readonly format: 'text' | 'md' | 'json';
  readonly cost?: true;
  readonly interval: number;
  readonly bytes: number;
}

const EXIT_IRREVERSIBLE = 2;

export function configure(command: Command, terminal: Terminal, tools: Tools): void {
  command
    .option('--base <ref>', 'compare with the commit at which HEAD left this one (default: origin/main, else main)')
    .addOption(new Option('--format <format>', 'how to write it').choices(['text', 'md', 'json']).default('text'))
    .option('--cost', 'print what the fleet costs a month, instead')
    .addOption(
      new Option('--interval <time>', 'for the cost: how often a device sends')
        .argParser(lengthOfTime)
        .default(lengthOfTime('1m'), '1m'),
    )
    .option('--bytes <number>', 'for the cost: how long its messages are', wholeNumber, 200)
    .addHelpText(
      'after',
      `
Synthesises the app twice, as it was and as it is in this folder with uncommitted changes, and compares the templates. It
does not ask AWS. CDK_VALIDATION=false leaves out the security findings and saves some seconds.
Exit code: 0 when nothing is irreversible, ${EXIT_IRREVERSIBLE} when something is, 1 for an error.

Examples:
  bin/fleet review
  bin/fleet review --base v1.0 --format md
  bin/fleet review --cost --interval 10s`,
    )
    .action(() => review(command.optsWithGlobals<ReviewOptions>(), terminal, tools));
}

async function review(options: ReviewOptions, terminal: Terminal, { selectRow }: Tools): Promise<void> {
  const { stdout, stderr } = terminal;
  const traffic: Traffic = { interval: options.interval, bytes: options.bytes };
  const folder = process.cwd();
  // A slip of the pen is said before the synthesis, and without the stack trace of the app.
  if (existsSync(options.fleet)) readFleet(options.fleet, options.names, true);
  const synthesis = {
    folder,
    context: options.context,
    // From the folder: a path that starts at the root would lead the base to the files of today.
    ...(options.fleet !== 'fleet' && { fleetDir: relative(folder, options.fleet) }),
    onNote: (note: string) => void stderr.write(`fleet: ${note}\n`),
  };
  if (options.cost) {
    const head = await inGoodOrder((signal) =>
      withSpinner(terminal, 'Synthesising', synthesizeHead({ ...synthesis, signal })),
    );
    const deployment = deploymentOf(head.assembly, head.settings);
    return print(stdout, writtenCost(deployment, traffic, options, stdout));
  }

  const base = await findBase(folder, options.base);
  const { before, after } = await inGoodOrder((signal) =>
    withSpinner(terminal, 'Synthesising base and head', synthesizeBoth({ ...synthesis, signal }, base)),
  );
  const found: Review = {
    base,
    ...compare(before.assembly, after.assembly, await selectRow?.()),
    cost: reviewedCost(before, after, traffic),
  };
  await print(stdout, written(found, options, terminal));
  if (isIrreversible(found)) throw new CommanderError(EXIT_IRREVERSIBLE, 'fleet.irreversible', 'irreversible');
}

function writtenCost(deployment: Deployment, traffic: Traffic, { format }: ReviewOptions, stdout: Output): string {
  switch (format) {
    case 'json':
      return indentedJson({
        region: REGION,
        pricesAsOf: PRICES_AS_OF,
        traffic,
        deployment,
        ...estimate(deployment, traffic),
      });
    case 'md':
      return ['```text', stripVTControlCharacters(costTable(stdout, deployment, traffic)), '```'].join('\n');
    case 'text':
      return costTable(stdout, deployment, traffic);
  }
}

function reviewedCost(before: Side, after: Side, traffic: Traffic): ReviewedCost {
  const deployment = deploymentOf(after.assembly, after.settings);
  const cents = (one: Deployment) => Math.round(estimate(one, traffic).total * 100) / 100;
  return {
    traffic,
    before: cents(deploymentOf(before.assembly, before.settings)),
    after: cents(deployment),
    deployment,
  };
}

function written(found: Review, { format }: ReviewOptions, { stdout }: Terminal): string {
  switch (format) {
    case 'json':
      return JSON.stringify(found, undefined, 2);
    case 'md':
      return markdown(reportOf(found));
    case 'text':
      return plainText(stdout, reportOf(found));
  }
}

/** A worktree is registered in the user's repository while this runs, so it is not just killed. */
async function inGoodOrder<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  return untilInterrupted((signal) =>
    work(signal).catch((error: unknown) => {
      throw signal.aborted ? new CliError('interrupted') : error;
    }),
  );
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number === 0) throw new InvalidArgumentError('Allowed: a whole number from 1.');
  return number;
}
