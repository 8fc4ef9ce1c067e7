import type { Command } from 'commander';
import { readFleet } from '../../lib/fleet/read.ts';
import { shortId } from '../../aws/certificates.ts';
import { cloudName, printCloud } from '../aws/cloud.ts';
import { type Asking, type CertificateState, type DeviceState, deviceStates } from '../fleet/device-state.ts';
import { allDisagreements, disagreements } from '../fleet/disagreements.ts';
import type { CommonOptions } from '../common-options.ts';
import { fleetDevice } from '../fleet/fleet-device.ts';
import { siteNamed } from '../fleet/site-named.ts';
import { firstOf } from '../terminal/counted.ts';
import { withProgress } from '../terminal/progress-bar.ts';
import { table } from '../terminal/table.ts';
import { colours, indentedJson, print, printable, type Terminal, wrapped } from '../terminal/terminal.ts';
import { formatAgo, formatDay } from '../terminal/time.ts';
import { Unknowns } from '../fleet/unknowns.ts';

interface ListOptions extends CommonOptions {
  readonly site?: string;
  readonly json?: true;
}

const HEAD = ['site', 'device', 'board', 'cert', 'status', 'created', 'expires', 'connected', 'last seen'];

/** What a narrow terminal does without, in this order: it never changes, or the fleet file has it, or it seldom matters. */
const DISPENSABLE = ['created', 'expires', 'site', 'board', 'connected', 'cert'];

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[device...]', 'only these')
    .option('--site <site>', 'only the devices of this one')
    .option('--json', 'print a JSON array, times in ISO 8601, null where something is not known')
    .addHelpText(
      'after',
      `
Shows the devices of the fleet files and those of the stacks. Where these disagree, a line below the table says so, and how
to settle it. During a rotation a device has two certificates; the newer one comes first. With
"key: board" a device waits for its board until that has enrolled (bin/fleet enrol).

The devices of a list (docs/device-lists.md) are asked for all at once; then AWS does not say whether they are connected, and
when they were last seen is unknown, until one is named.

If the terminal is too narrow, columns are left out until the rest fits, in this order: ${DISPENSABLE.join(', ')}.

What AWS does not allow this user to read is "unknown"; a line below the table names the IAM action that is missing.

Examples:
  bin/fleet list
  bin/fleet list --site meters
  bin/fleet list --json | jq -r '.[] | select(.connected == false) | .device'`,
    )
    .action((devices: string[]) => list(devices, command.optsWithGlobals<ListOptions>(), terminal));
}

async function list(only: readonly string[], options: ListOptions, terminal: Terminal): Promise<void> {
  const { fleet, names, settings, site, json } = options;
  const problems: string[] = [];
  const unknowns = new Unknowns();
  const which = { names, settings };
  const sites = readFleet(fleet, names);
  if (site !== undefined) siteNamed(site, sites, fleet);
  const asking: Asking = {
    isWanted: (one) => (site === undefined || one.site === site) && (only.length === 0 || only.includes(one.device)),
    lists: only.length > 0 ? 'each' : 'by pages',
    onProblem: (problem) => problems.push(problem),
  };
  const byPages = only.length > 0 ? 0 : sites.reduce((sum, { list: { devices = [] } = {} }) => sum + devices.length, 0);
  const [found, cloud] = await withProgress(terminal, 'Asking AWS', byPages, (onProgress) =>
    Promise.all([deviceStates(sites, which, unknowns, { ...asking, onProgress }), cloudName()]),
  );
  for (const name of only) if (!found.some(({ device }) => device === name)) fleetDevice(options, name);
  const { stdout, stderr } = terminal;
  problems.push(...unknowns.lines);
  if (json) {
    for (const problem of new Set(problems)) await print(stderr, wrapped(stderr, `fleet: ${problem}`));
    return print(stdout, indentedJson(found.map(asJson)));
  }

  await printCloud(terminal, cloud);
  await print(stdout, table(stdout, HEAD, found.map(asRow), DISPENSABLE));
  const { shown, rest } = firstOf([...new Set([...problems, ...allDisagreements(found)])]);
  const warnings = rest === '' ? shown : [...shown, `${rest.trim()}; all of them: bin/fleet list --json`];
  for (const line of warnings) await print(stdout, colours(stdout).yellow(wrapped(stdout, printable(`! ${line}`))));
}

function asRow(state: DeviceState): string[] {
  const { site, device, board = '-', certificates, connected, lastSeen } = state;
  const each = (text: (certificate: CertificateState) => string) => certificates?.map(text).join('\n') || '-';
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
  const none = revoked ? 'revoked' : enrols ? 'waits for its board' : 'no certificate';
  return certificates.map(({ status }) => status).join(separator) || none;
}
