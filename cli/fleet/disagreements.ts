import type { FleetNames } from '../../lib/fleet/names.ts';
import { basename } from 'node:path';
import { shortId } from '../../aws/certificates.ts';
import { someOf } from '../terminal/counted.ts';
import type { CertificateState, DeviceState } from './device-state.ts';
import { stackDeletion } from './stack-deletion.ts';

/** Where fleet file and cloud differ, and what settles it: a line each. */
export function disagreements(state: Omit<DeviceState, 'connected' | 'lastSeen'>): string[] {
  const { site, names, device, board, revoked, enrols, deployed, certificates } = state;
  if (state.file === undefined) return [withoutFleetFile(site, names)];
  const file = basename(state.file);
  if (!deployed) return [`${device} is in ${file}, but not deployed; run: ${deployment(state)}`];
  if (board === undefined) return [`${device} is deployed, but not in ${file}; to remove it: npx cdk deploy --all`];
  if (certificates === undefined) return [];
  if (!revoked && !enrols && certificates.length === 0) {
    return [`${device} has no certificate attached to its thing; see: bin/fleet doctor`];
  }
  const is = (certificate: CertificateState) =>
    `certificate ${shortId(certificate)} of ${device} is ${certificate.status}`;
  if (revoked) {
    return certificates
      .filter(({ status }) => status !== 'REVOKED')
      .map((open) => `${is(open)}, but ${file} says revoked; run: bin/fleet revoke ${device}`);
  }
  // One is enough to live on.
  if (certificates.some(({ status }) => status === 'ACTIVE')) return [];
  return certificates.map((certificate) =>
    certificate.status === 'REVOKED'
      ? `${is(certificate)}, but ${file} does not say so; run: bin/fleet revoke ${device}, ` +
        `or for a new identity: bin/fleet ${enrols ? 'enrol' : 'rotate'} ${device}`
      : `${is(certificate)}, so the broker refuses it; to let it in: ` +
        `aws iot update-certificate --certificate-id ${certificate.id} --new-status ACTIVE`,
  );
}

/** So many lines that differ in nothing but the device are too many. */
const A_FEW = 3;

/** The same of all these devices: of many to which the same happens, as of the new lines of a list, a line for all. */
export function allDisagreements(states: readonly DeviceState[]): string[] {
  const groups = new Map<string, { readonly lines: Set<string>; readonly devices: string[] }>();
  for (const state of states) {
    const { device } = state;
    for (const line of disagreements(state)) {
      const what = line.startsWith(`${device} is `) ? line.slice(device.length + 4) : line;
      const group = groups.get(what) ?? { lines: new Set(), devices: [] };
      group.lines.add(line);
      group.devices.push(device);
      groups.set(what, group);
    }
  }
  return [...groups].flatMap(([what, { lines, devices }]) =>
    lines.size <= A_FEW ? [...lines] : [`${someOf(devices, A_FEW)} are ${what}`],
  );
}

/** What is to be said about a site that has a stack, but no fleet file. */
export function withoutFleetFile(site: string, names: FleetNames): string {
  const stack = names.siteStack(site);
  return `${stack} is deployed, but there is no fleet file ${site}.yaml; if the site is to go: ` + stackDeletion(stack);
}

/** What deploys a device: its thing may be there already, and CloudFormation is to take it over then. */
function deployment({ generations }: Pick<DeviceState, 'generations'>): string {
  const isTakenOver = generations.some(({ certificateId }) => certificateId !== undefined);
  return `npx cdk deploy --all${isTakenOver ? ' --import-existing-resources' : ''}`;
}
