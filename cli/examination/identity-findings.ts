import { shortId } from '../aws/certificates.ts';
import {
  deleteRecord,
  generationOf,
  type IdentityRecord,
  isIssued,
  keepsItsKey,
  SLOTS,
} from '../aws/identity-records.ts';
import { removeIdentity } from '../identity-removal.ts';
import type { Finding } from './finding.ts';
import type { Holding } from './holdings.ts';

/** What is to be said about the identities that the Parameter Store holds for a device. */
export function identityFindings(holding: Holding): Finding[] {
  const { device, board, revoked, deployed, records } = holding;
  const wanted = board !== undefined && deployed && !revoked;
  const problem = wanted ? problemWith(records.identity, holding) : undefined;
  return [
    ...(problem === undefined
      ? []
      : [{ device, kind: 'problem' as const, text: `${problem}; for a new one: npx fleet rotate ${device}` }]),
    ...(revoked || board === undefined ? [] : rotationFindings(holding)),
  ];
}

function problemWith(identity: IdentityRecord | undefined, holding: Holding): string | undefined {
  const { device } = holding;
  if (!isIssued(identity)) return `${device} has no identity in the Parameter Store`;
  const certificate = certificateNamed(identity, holding);
  if (certificate === undefined) return `the identity of ${device} is without its certificate ${nameOf(identity)}`;
  const isWhole = identity.privateKeyPem !== undefined || keepsItsKey(identity);
  return isWhole ? undefined : `the identity of ${device} has lost its private key`;
}

function rotationFindings(holding: Holding): Finding[] {
  const { site, device, records } = holding;
  const { previous, next } = records;
  const findings: Finding[] = [];
  if (isIssued(previous) && certificateNamed(previous, holding) === undefined) {
    findings.push({
      device,
      kind: 'problem',
      text: `the identity of ${device} before the current one is without its certificate ${nameOf(previous)}`,
      fix: {
        text: `delete what is left of the identity of ${device} before the current one`,
        apply: () => deleteRecord(site, device, 'previous'),
      },
    });
  } else if (previous !== undefined) {
    findings.push({
      device,
      kind: 'note',
      text:
        `${device} still has its identity of generation ${generationOf(previous)} beside the current one; ` +
        `once its board uses the current one, run: npx fleet rotate ${device} --finish`,
    });
  }
  if (next !== undefined) {
    findings.push({
      device,
      kind: 'note',
      text: `an identity of ${device} is being made; if no deployment is under way, the next change of ${device} goes on with it`,
    });
  }
  return findings;
}

/** What an interrupted deployment has left of a device that it was to delete. */
export function leftOfDevice(holding: Holding): Finding {
  const { site, device, records, certificates } = holding;
  const states = certificates.map((certificate) => `${shortId(certificate)} is ${certificate.status}`).join(', ');
  return {
    device,
    kind: 'problem',
    text:
      `${device} is neither in ${site}.yaml nor deployed, but its identity is still in the Parameter Store` +
      (states === '' ? ', without a certificate' : ` (certificate ${states})`),
    fix: {
      text: `delete what is left of ${device}, with its certificates`,
      apply: async () => {
        for (const slot of SLOTS.toReversed()) {
          const record = records[slot];
          if (record === undefined) continue;
          const certificate = isIssued(record) ? certificateNamed(record, holding) : undefined;
          await removeIdentity({ site, device, slot, certificate }, () => Promise.resolve());
        }
      },
    },
  };
}

function certificateNamed(record: IdentityRecord, { certificates }: Holding) {
  return isIssued(record) ? certificates.find(({ id }) => id === record.certificateId) : undefined;
}

function nameOf(record: IdentityRecord): string {
  return isIssued(record) ? shortId({ id: record.certificateId }) : '-';
}
