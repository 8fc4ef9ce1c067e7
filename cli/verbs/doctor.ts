import { type Command, CommanderError } from 'commander';
import { readFleetId } from '../../lib/fleet/fleet-id.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { readFleet, type Site } from '../../lib/fleet/read.ts';
import { isUnderWay, siteStacks } from '../../aws/stacks.ts';
import { cloudName, printCloud } from '../aws/cloud.ts';
import { CliError } from '../terminal/cli-error.ts';
import { counted } from '../terminal/counted.ts';
import type { CommonOptions } from '../common-options.ts';
import { confirm } from '../terminal/confirm.ts';
import { type Examination, examine } from '../doctor/examine.ts';
import type { Finding, Fix } from '../doctor/finding.ts';
import { devicesOf } from '../fleet/other-fleets.ts';
import { refuseForeignFleet } from '../fleet/foreign-fleet.ts';
import { Unknowns } from '../fleet/unknowns.ts';
import { withProgress } from '../terminal/progress-bar.ts';
import { colours, print, printDone, printSentence, type Terminal, wrapped } from '../terminal/terminal.ts';

interface DoctorOptions extends CommonOptions {
  readonly fix?: true;
  readonly yes?: true;
  readonly json?: true;
}

type Fixable = Finding & { readonly fix: Fix };

export function configure(command: Command, terminal: Terminal): void {
  command
    .option('--fix', 'do what can be done without harm to any board')
    .option('--yes', 'with --fix: do not ask')
    .option('--json', 'print a JSON object')
    .addHelpText(
      'after',
      `
Finds certificates that no device owns, and active ones that lack a thing or a policy or expire soon; identities without a
certificate, and devices without an identity; messages that become no row, or other rows than cdk.json says. It also finds
whatever lets a certificate do more than its device's policy as it was deployed: a policy edited by hand, a second one, or
one of a thing group. And it finds what deployments left half made or could not delete (CloudFormation remembers that for 90
days), and where fleet file and cloud disagree. Each line says what to do.

--fix asks first, then does what harms no board of the fleet. It touches nothing that the fleet has not made. What AWS does
not allow this user to read is named, and the checks that need it are left out.

Exit code: 0 when nothing is wrong, or everything is fixed; otherwise 1.

Examples:
  bin/fleet doctor
  bin/fleet doctor --fix`,
    )
    .action(() => doctor(command.optsWithGlobals<DoctorOptions>(), terminal));
}

async function doctor(options: DoctorOptions, terminal: Terminal): Promise<void> {
  const { names, fix, yes, json } = options;
  const sites = readFleet(options.fleet, names);
  const listed = sites.reduce((sum, { list }) => sum + (list?.devices.length ?? 0), 0);
  const [examination, cloud] = await withProgress(terminal, 'Asking AWS', listed, (onProgress) =>
    Promise.all([examineOwn(sites, options, onProgress), cloudName()]),
  );
  const { stdout } = terminal;
  if (!json) await printCloud(terminal, cloud);
  if (!json) await printFindings(examination, fix ?? false, terminal);

  const fixable = examination.findings.filter((finding): finding is Fixable => finding.fix !== undefined);
  if (fix && fixable.length > 0) {
    await refuseWhileDeploying(names);
    if (!yes) await confirm(terminal, cloud, `Shall we ${fixable.map((finding) => finding.fix.text).join('; ')}?`);
    for (const finding of fixable) {
      await finding.fix.apply();
      if (!json) await printDone(stdout, `done: ${finding.fix.text}`);
    }
  }
  if (json) await print(stdout, JSON.stringify({ cloud, ...asJson(examination, fix ?? false) }, undefined, 2));
  const left = problemsIn(examination).filter((finding) => !(fix && finding.fix !== undefined));
  if (left.length > 0) throw new CommanderError(1, 'fleet.problems', 'something is wrong');
}

async function examineOwn(
  sites: readonly Site[],
  { fleet, names, settings, fix }: DoctorOptions,
  onProgress: (certificates: number) => void,
): Promise<Examination> {
  const unknowns = new Unknowns();
  const isOurs = refuseForeignFleet(names, sites, settings?.id ?? readFleetId(fleet));
  await (fix ? isOurs : unknowns.orUndefined('whether these stacks are of this fleet', isOurs)); // before anything is deleted
  return examine(sites, { names, settings }, unknowns, onProgress);
}

/** What a deployment has just made looks like something that it has left behind. */
async function refuseWhileDeploying(names: FleetNames): Promise<void> {
  const busy = (await siteStacks(names)).find(isUnderWay);
  if (busy !== undefined) {
    throw new CliError(`the site ${busy.site} is being deployed; wait until that is done, and try again`);
  }
}

async function printFindings(examination: Examination, isFixing: boolean, { stdout }: Terminal): Promise<void> {
  const { findings, devices, otherCertificates, otherFleets = [], isWhole } = examination;
  const { red, yellow } = colours(stdout);
  for (const { kind, text, fix } of findings) {
    const way = fix === undefined || isFixing ? '' : '; to settle it: bin/fleet doctor --fix';
    const line = wrapped(stdout, kind === 'problem' ? `✗ ${text}${way}` : `- ${text}`);
    await print(stdout, kind === 'problem' ? red(line) : yellow(line));
  }
  const problems = problemsIn(examination).length;
  const notes = findings.length - problems;
  const known = isWhole ? 'nothing wrong' : 'nothing wrong in what is known';
  // What is not known stands above as well, and "nothing wrong" beside something to do would contradict it.
  const nothing = isWhole && notes > 0 ? `no problem, ${counted(notes, 'note')}` : known;
  const others =
    otherCertificates === undefined ? '' : `; ${counted(otherCertificates, 'other certificate')} in this account`;
  const fleets = otherFleets.map((other) => `, ${devicesOf(other)}`).join('');
  await printSentence(
    stdout,
    `${counted(devices, 'device')}, ${problems === 0 ? nothing : counted(problems, 'problem')}${others}${fleets}`,
  );
}

function problemsIn({ findings }: Examination): readonly Finding[] {
  return findings.filter(({ kind }) => kind === 'problem');
}

function asJson({ findings, devices, otherCertificates }: Examination, fixed: boolean): object {
  return {
    devices,
    findings: findings.map(({ device, kind, text, fix }) => ({
      device,
      kind,
      text,
      fixable: fix !== undefined,
      fixed: fixed && fix !== undefined,
    })),
    otherCertificates: otherCertificates ?? null,
  };
}
