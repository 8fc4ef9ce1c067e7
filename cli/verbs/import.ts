import { type Command, InvalidArgumentError, Option } from 'commander';
import { dirname } from 'node:path';
import { shortId } from '../../aws/certificates.ts';
import { documentOf } from '../../aws/policies.ts';
import { addDevice } from '../../lib/fleet/edit.ts';
import { writeKeptPolicy } from '../../lib/fleet/kept-policies.ts';
import { allDevices, readFleet, type Site } from '../../lib/fleet/read.ts';
import { type Board, BOARDS } from '../../lib/fleet/schema.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { CommonOptions } from '../common-options.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { counted } from '../terminal/counted.ts';
import { type Existing, existing, type ExistingCertificate, type ExistingThing } from '../import/existing-things.ts';
import { type Verdict, verdictOn } from '../import/obstacle.ts';
import { devicesOf, type OtherFleet, titleOf } from '../fleet/other-fleets.ts';
import { siteNamed } from '../fleet/site-named.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { table } from '../terminal/table.ts';
import {
  colours,
  indentedJson,
  print,
  printable,
  printDone,
  printSentence,
  type Terminal,
  wrapped,
} from '../terminal/terminal.ts';
import { formatAgo } from '../terminal/time.ts';

interface ImportOptions extends CommonOptions {
  readonly board?: Board;
  readonly site?: string;
  readonly certificate?: string;
  readonly all?: true;
  readonly json?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[things...]', 'the things to take over; without any, all that exist are shown')
    .addOption(new Option('--board <board>', 'the chip of their boards').choices(BOARDS))
    .option('--site <site>', 'the fleet file, without .yaml (default: the only one)')
    .option(
      '--certificate <id>',
      'of one thing: the certificate that its board has, or the beginning of its id',
      idPart,
    )
    .option('--all', 'take over every thing of which it is clear how')
    .option('--json', 'without things: print a JSON object')
    .addHelpText(
      'after',
      `
Shows the things of this account that no fleet has made, with their certificates and policies, and whether a board is connected by the name of the thing. AWS IoT remembers a connection for half an hour after its end.

With things, it writes their entries into the fleet file. It deploys nothing. The next deployment takes over thing and
certificate as they are: no board is flashed, and no session ends. The certificate keeps its policies beside the policy of
the device until somebody removes them from the entry (policies). If the device is removed again, everything is given back.

Examples:
  bin/fleet import
  bin/fleet import kitchen-sensor garage-door --board esp8266
  bin/fleet import attic --board esp32 --certificate 2f6c01ab`,
    )
    .action((things: string[]) => importThings(things, command.optsWithGlobals<ImportOptions>(), terminal));
}

function idPart(text: string): string {
  if (/^[0-9a-f]{8,64}$/.test(text)) return text;
  throw new InvalidArgumentError('Allowed: 8 to 64 of 0-9 and a-f.');
}

/** A thing, and what can become of it. */
interface Judged {
  readonly thing: ExistingThing;
  readonly verdict: Verdict;
}

async function importThings(names: readonly string[], options: ImportOptions, terminal: Terminal): Promise<void> {
  const { fleet, names: fleetNames, certificate, all, board } = options;
  const isChosen = names.length > 0 || all === true;
  if (certificate !== undefined && names.length !== 1) throw new CliError('--certificate goes with one thing');
  if (all && names.length > 0) throw new CliError('--all goes without things');
  if (isChosen && board === undefined) throw new CliError(`which chip? add --board and one of: ${BOARDS.join(', ')}`);
  if (!isChosen && board !== undefined) throw new CliError('which things? name them, or add --all');
  const sites = readFleet(fleet, fleetNames);
  const site = isChosen ? siteNamed(options.site, sites, fleet) : undefined;
  if (site?.list !== undefined)
    throw new CliError(`the boards of ${site.list.file} make their keys; add --site and the name of another site`);
  const found = await withSpinner(terminal, 'Asking AWS', existing(fleetNames));
  const judged = found.things.map((thing): Judged => ({
    thing,
    verdict: verdictOn(thing, { sites, names: fleetNames }, certificate),
  }));
  if (site === undefined || board === undefined) return show(found, judged, options, terminal);
  return write(
    all ? judged.filter(({ verdict }) => 'certificate' in verdict) : named(names, judged, found.otherFleets, sites),
    board,
    site,
    terminal,
  );
}

/** @throws {CliError} when there is no such thing, or it cannot be taken over */
function named(
  names: readonly string[],
  judged: readonly Judged[],
  others: readonly OtherFleet[],
  sites: readonly Site[],
): Judged[] {
  return [...new Set(names)].map((name) => {
    const holder = others.find(({ things }) => things.includes(name));
    if (holder !== undefined) throw new CliError(`the thing "${name}" is a device of ${titleOf(holder)}`);
    const one = judged.find(({ thing }) => thing.name === name);
    if (one === undefined) {
      const own = sites.find((site) => allDevices(site).devices.some((each) => site.names.thing(each.name) === name));
      if (own !== undefined) throw new CliError(`${name} is a device of the fleet already (${allDevices(own).file})`);
      throw new CliError(`there is no thing ${JSON.stringify(name)} beside the fleet; see: bin/fleet import`);
    }
    if ('obstacle' in one.verdict)
      throw new CliError(`the thing "${name}" cannot be taken over: ${one.verdict.obstacle}`);
    return one;
  });
}

async function write(chosen: readonly Judged[], board: Board, site: Site, { stdout }: Terminal): Promise<void> {
  if (chosen.length === 0) throw new CliError('there is nothing that could be taken over; see: bin/fleet import');
  const names = new Set(
    chosen.flatMap(({ verdict }) => ('certificate' in verdict ? verdict.certificate.policies : [])),
  );
  const documents = await concurrently([...names].sort(), async (name) => [name, await documentOf(name)] as const);
  const folder = dirname(site.file);
  const files = documents.map(([name, document]) => writeKeptPolicy(folder, name, document));
  for (const { thing, verdict } of chosen) {
    if ('obstacle' in verdict) continue;
    const { id, policies } = verdict.certificate;
    const device = site.names.deviceOf(thing.name);
    addDevice(site.file, device, { board, certificate: id, ...(policies.length > 0 && { policies }) });
    const kept = policies.length === 0 ? '' : `, which keeps ${policies.join(', ')}`;
    await printDone(stdout, `${site.file} has ${device} with certificate ${shortId(verdict.certificate)}${kept}`);
  }
  for (const file of files) await printDone(stdout, `${file} says what that policy allows, for: bin/fleet review`);
  const topics = site.names.telemetryTopic('DEVICE');
  await printSentence(stdout, 'Next:');
  await printSentence(
    stdout,
    `  commit ${[site.file, ...files].join(', ')}, and see what a deployment would do: bin/fleet review`,
  );
  await printSentence(stdout, '  take them over: npx cdk deploy --all --import-existing-resources');
  await printSentence(stdout, `  once the boards connect by the names of their things and publish below ${topics}/,`);
  await printSentence(stdout, '  take their policies out of the entries, and run: npx cdk deploy --all');
}

const HEAD = ['thing', 'certificate', 'status', 'policies', 'connected', 'can be taken over'];
const DISPENSABLE = ['connected', 'status'];

async function show(
  { loose, otherFleets }: Existing,
  judged: readonly Judged[],
  { json }: ImportOptions,
  { stdout }: Terminal,
): Promise<void> {
  if (json)
    return print(stdout, indentedJson({ things: judged.map(asJson), certificates: loose.map(certificateAsJson) }));
  if (judged.length > 0) await print(stdout, table(stdout, HEAD, judged.map(asRow), DISPENSABLE));
  const { yellow } = colours(stdout);
  for (const { thing, verdict } of judged) {
    if ('certificate' in verdict) continue;
    await print(stdout, yellow(wrapped(stdout, printable(`! ${thing.name}: ${verdict.obstacle}`))));
  }
  for (const certificate of loose) await print(stdout, yellow(wrapped(stdout, `! ${looseText(certificate)}`)));
  for (const other of otherFleets) {
    await printSentence(stdout, `${devicesOf(other)}: not shown`);
  }
  const able = judged.filter(({ verdict }) => 'certificate' in verdict).length;
  const way = able === 0 ? '' : `, ${able} can be taken over: bin/fleet import THING... --board BOARD`;
  await printSentence(stdout, `${counted(judged.length, 'thing')} beside the fleet${way}`);
}

function looseText(certificate: ExistingCertificate): string {
  const { arn, status, policies } = certificate;
  const has = policies.length === 0 ? 'no policy' : `the policies ${policies.join(', ')}`;
  return (
    `certificate ${shortId(certificate)} is ${status}, and attached to no thing (it has ${has}); if a board has it: ` +
    `aws iot attach-thing-principal --thing-name THING --principal ${arn}`
  );
}

function asRow({ thing, verdict }: Judged): string[] {
  const { name, certificates, connection } = thing;
  const each = (text: (certificate: ExistingCertificate) => string) => certificates.map(text).join('\n') || '-';
  const since = connection?.since === undefined ? '' : formatAgo(connection.since);
  return [
    name,
    each(shortId),
    each(({ status }) => status),
    each(({ policies }) => policies.join(' ') || '-'),
    connection === undefined
      ? '-'
      : `${connection.isConnected ? 'since' : 'until'} ${since} ${connection.from ?? ''}`.trim(),
    'certificate' in verdict ? 'yes' : 'no',
  ];
}

function asJson({ thing, verdict }: Judged): object {
  const { name, certificates, connection } = thing;
  return {
    thing: name,
    certificates: certificates.map(certificateAsJson),
    ...(connection && {
      connected: connection.isConnected,
      ...(connection.since !== undefined && { since: new Date(connection.since) }),
      ...(connection.from !== undefined && { from: connection.from }),
    }),
    ...('obstacle' in verdict ? { obstacle: verdict.obstacle } : { certificate: verdict.certificate.id }),
  };
}

const certificateAsJson = ({ id, status, things, policies }: ExistingCertificate) => ({ id, status, things, policies });
