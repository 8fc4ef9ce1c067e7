import { CliError } from '../cli/terminal/cli-error.ts';
import type { FleetDevice, Site } from '../lib/fleet/read.ts';
import { type Demo, isSimulable } from './demo.ts';

/**
 * The device that people are shown things with: one that is simulated, else one whose board they have.
 *
 * @param lan whether boards reach the broker
 * @throws {CliError} when there is neither
 */
export function firstDevice(sites: readonly Site[], lan: boolean): FleetDevice {
  const devices = sites.flatMap((site) => site.devices);
  const first = devices.find(isSimulable) ?? devices.find(({ revoked, enrols }) => lan && !revoked && enrols);
  if (first !== undefined) return first;
  throw new CliError('no device in fleet/ can be simulated: each is revoked, or its key is not in the cloud');
}

/** What to try in a second terminal. @param page where to look at it */
export function invitation(
  first: FleetDevice,
  { names, context, sites }: Pick<Demo, 'names' | 'context' | 'sites'>,
  page: string,
): string {
  const { name } = first;
  const devices = sites.flatMap((site) => site.devices);
  const other = devices.find((each) => each.name !== name && isSimulable(each))?.name ?? 'another';
  const which = context.map((pair) => ` -c ${pair}`).join('');
  const secrets = `  # as PEM files, and how to publish with them:
  bin/fleet${which} secrets ${name} --pem .local/${name}
`;
  return `
In a browser:
  ${page}
In a second terminal:
  source .local/env
  bin/fleet${which} list
  bin/fleet${which} explain ${name} publish ${names.telemetryTopic(other)}/telemetry
  bin/fleet${which} send ${name} '{"relay":true}'
${isSimulable(first) ? secrets : ''}  # for good; it changes the line of ${name} in fleet/:
  bin/fleet${which} revoke ${name}
Ctrl-C ends it all.
`;
}

/** With a board on the desk. */
export function nowYourBoard(first: FleetDevice): string {
  const { name, board } = first;
  const head = `Now your board, an ${board.toUpperCase()} for ${name}`;
  if (!isSimulable(first)) {
    return `${head}:
it makes its key itself; docs/enrolment.md has each step. In a second terminal:
  source .local/env
  # what its firmware is built with:
  bin/fleet enrol --header
  # the line that it is told once it is flashed:
  bin/fleet enrol ${name}
  bin/fleet tail ${name}
`;
  }
  return `${head}:
its simulation ends once the board connects. Plug it in. In a second terminal:
  source .local/env
  # asks for your Wi-Fi, builds, uploads, and waits for its first row:
  bin/fleet flash ${name}
  bin/fleet tail ${name}
`;
}
