import { shortId } from './aws/certificates.ts';
import type { DeviceState } from './device-state.ts';

/** Where fleet file and cloud differ, and what settles it: a line each. */
export function disagreements(state: Omit<DeviceState, 'connected' | 'lastSeen'>): string[] {
  const { site, device, board, revoked, deployed, certificates } = state;
  const file = `${site}.yaml`;
  if (!deployed) return [`${device} is in ${file}, but not deployed; run: npx cdk deploy --all`];
  if (board === undefined) return [`${device} is deployed, but not in ${file}; to remove it: npx cdk deploy --all`];
  if (!revoked && certificates.length === 0)
    return [`${device} has no certificate; for a new one: npx fleet rotate ${device}`];
  return certificates.flatMap((certificate) => {
    const is = `${device}: certificate ${shortId(certificate)} is ${certificate.status}`;
    if ((certificate.status === 'REVOKED') !== revoked) {
      return [`${is}, but ${file} ${revoked ? 'says revoked' : 'does not say so'}; run: npx fleet revoke ${device}`];
    }
    return revoked || certificate.status === 'ACTIVE' ? [] : [`${is}, so the broker refuses it`];
  });
}
