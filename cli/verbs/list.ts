import type { Command } from 'commander';
import { readFleet } from '../../lib/fleet/read.ts';
import { type Certificate, shortId } from '../../aws/certificates.ts';
import { cloudName, printCloud } from '../aws/cloud.ts';
import { type DeviceState, deviceStates } from '../fleet/device-state.ts';
import { disagreements } from '../fleet/disagreements.ts';
import type { CommonOptions } from '../common-options.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { table } from '../terminal/table.ts';
import { colours, indentedJson, print, printable, type Terminal, wrapped } from '../terminal/terminal.ts';
import { formatAgo, formatDay } from '../terminal/time.ts';
import { Unknowns } from '../fleet/unknowns.ts';

interface ListOptions extends CommonOptions {
  readonly json?: true;
}

const HEAD = ['site', 'device', 'board', 'cert', 'status', 'created', 'expires', 'connected', 'last seen'];

/** What a narrow terminal does without, in this order: it never changes, or the fleet file has it, or it seldom matters. */
const DISPENSABLE = ['created', 'expires', 'site', 'board', 'connected', 'cert'];

export function configure(command: Command, terminal: Terminal): void {
  command
    .option('--json', 'print a JSON array, times in ISO 8601, null where something is not known')
    .addHelpText(
      'after',
      `
Shows the devices of the fleet files and those of the stacks. Where these disagree, a line below the table says so, and how
to settle it. During a rotation a device has two certificates; the newer one comes first. With
"key: board" a device waits for its board until that has enrolled (bin/fleet enrol).

If the terminal is too narrow, columns are left out until the rest fits, in this order: ${DISPENSABLE.join(', ')}.

What AWS does not allow this user to read is "unknown"; a line below the table names the IAM action that is missing.

Examples:
  bin/fleet list
  bin/fleet list --json | jq -r '.[] | select(.connected == false) | .device'`,
    )
    .action(() => list(command.optsWithGlobals<ListOptions>(), terminal));
}

async function list({ fleet, names, settings, json }: ListOptions, terminal: Terminal): Promise<void> {
  const problems: string[] = [];
  const unknowns = new Unknowns();
  const which = { names, settings };
  const states = deviceStates(readFleet(fleet, names), which, unknowns, (problem) => problems.push(problem));
  const asked = Promise.all([states, cloudName()]);
  const [found, cloud] = await withSpinner(terminal, 'Asking AWS', asked);
  const { stdout, stderr } = terminal;
  problems.push(...unknowns.lines);
  if (json) {
    for (const problem of new Set(problems)) await print(stderr, wrapped(stderr, `fleet: ${problem}`));
    return print(stdout, indentedJson(found.map(asJson)));
  }

  await printCloud(terminal, cloud);
  await print(stdout, table(stdout, HEAD, found.map(asRow), DISPENSABLE));
  for (const line of new Set([...problems, ...found.flatMap(disagreements)])) {
    await print(stdout, colours(stdout).yellow(wrapped(stdout, printable(`! ${line}`))));
  }
}

function asRow(state: DeviceState): string[] {
  const { site, device, board = '-', certificates, connected, lastSeen } = state;
  const each = (text: (certificate: Certificate) => string) => certificates?.map(text).join('\n') || '-';
  return [
    site,
    device,
    board,
    each(shortId),
    statusOf(state, '\n'),
    each(({ created }) => dayOf(created)),
    each(({ expires }) => dayOf(expires)),
    connected === undefined ? 'unknown' : connected ? 'yes' : 'no',
    lastSeen === undefined ? '-' : lastSeen === null ? 'unknown' : formatAgo(lastSeen),
  ];
}

function dayOf(time: Date | undefined): string {
  return time === undefined ? '-' : formatDay(time.getTime());
}

function asJson(state: DeviceState): object {
  const { site, file, device, board, revoked, deployed, connected, certificates, generations, lastSeen } = state;
  return {
    ...{ site, file, device, board, revoked, deployed },
    connected: connected ?? null,
    generations: generations.map(({ number }) => number),
    status: statusOf(state, ' '),
    certificates: certificates?.map(({ id, status, created, expires }) => ({ id, status, created, expires })) ?? null,
    ...(lastSeen !== undefined && { lastSeen: lastSeen && new Date(lastSeen) }),
    disagreements: disagreements(state),
  };
}

function statusOf({ deployed, certificates, enrols, revoked }: DeviceState, separator: string): string {
  if (!deployed) return 'not deployed';
  if (certificates === undefined) return 'unknown';
  const none = enrols && !revoked ? 'waits for its board' : 'no certificate';
  return certificates.map(({ status }) => status).join(separator) || none;
}
