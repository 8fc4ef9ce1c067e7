import { shortId } from '../aws/certificates.ts';
import {
  deleteRecord,
  generationOf,
  type IdentityRecord,
  isIssued,
  keepsItsKey,
  noIdentityIn,
  parameterName,
} from '../aws/identity-records.ts';
import type { Finding } from './finding.ts';
import type { Holding } from './holdings.ts';

/** What is to be said about the identities that the Parameter Store holds for a device. */
export function identityFindings(holding: Holding): Finding[] {
  const { site, device, board, revoked, deployed, records, unreadable } = holding;
  const wanted = board !== undefined && deployed && !revoked && !unreadable.includes('identity');
  const problem = wanted ? problemWith(records.identity, holding) : undefined;
  return [
    ...unreadable.map((slot): Finding => ({ device, kind: 'problem', text: noIdentityIn(site, device, slot) })),
    ...(problem === undefined
      ? []
      : [{ device, kind: 'problem' as const, text: `${problem}; for a new one: npx fleet rotate ${device}` }]),
    ...(revoked || board === undefined ? [] : previousFindings(holding)),
    ...(records.next === undefined ? [] : [draftFinding(records.next, holding)]),
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

function previousFindings(holding: Holding): Finding[] {
  const { site, device, records } = holding;
  const { previous } = records;
  if (!isIssued(previous)) return [];
  const certificate = certificateNamed(previous, holding);
  if (certificate === undefined) {
    return [
      {
        device,
        kind: 'problem',
        text: `the identity of ${device} before the current one is without its certificate ${nameOf(previous)}`,
        fix: {
          text: `delete what is left of the identity of ${device} before the current one`,
          apply: () => deleteRecord(site, device, 'previous'),
        },
      },
    ];
  }
  if (certificate.status !== 'ACTIVE') return []; // the next rotation replaces it
  const current = records.identity && certificateNamed(records.identity, holding);
  if (current !== undefined && current.status !== 'ACTIVE') {
    const way =
      current.status === 'REVOKED'
        ? `to go back to that one, undo the last change of ${device} in ${site}.yaml and run: npx cdk deploy --all`
        : `to let it in: aws iot update-certificate --certificate-id ${current.id} --new-status ACTIVE`;
    const text = `the current identity of ${device} is ${current.status}, and only the one before works; ${way}`;
    return [{ device, kind: 'problem', text }];
  }
  return [
    {
      device,
      kind: 'note',
      text:
        `${device} still has its identity of generation ${generationOf(previous)} beside the current one; ` +
        `once its board uses the current one, run: npx fleet rotate ${device} --finish`,
    },
  ];
}

/** A deployment keeps here what it is about to make. */
function draftFinding(draft: IdentityRecord, { site, device, underWay }: Holding): Finding {
  if (underWay) return { device, kind: 'note', text: `an identity of ${device} is being made` };
  const left = {
    device,
    kind: 'problem' as const,
    text: `a deployment has left an identity of ${device} half made, in ${parameterName(site, device, 'next')}`,
  };
  if (isIssued(draft)) {
    // It may have been on its way back to a board that uses it.
    return {
      ...left,
      text: `${left.text}; the next change of ${device} settles it, such as: npx fleet rotate ${device}`,
    };
  }
  return {
    ...left,
    fix: { text: `delete the unused key of ${device}`, apply: () => deleteRecord(site, device, 'next') },
  };
}

function certificateNamed(record: IdentityRecord, { certificates }: Holding) {
  return isIssued(record) ? certificates.find(({ id }) => id === record.certificateId) : undefined;
}

function nameOf(record: IdentityRecord): string {
  return isIssued(record) ? shortId({ id: record.certificateId }) : '-';
}
