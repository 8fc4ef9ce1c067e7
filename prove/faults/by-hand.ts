import { UpdateCertificateCommand } from '@aws-sdk/client-iot';
import type { Trouble } from './trouble.ts';
import type { Lane } from './lane.ts';
import type { Operation } from './operations.ts';
import { type Certificate, certificatesOf, deleteCertificate } from './state.ts';

type Act = (certificate: Certificate, lane: Lane) => Promise<void>;

const setTo =
  (newStatus: 'INACTIVE' | 'REVOKED'): Act =>
  async ({ id }, { iot }) =>
    void (await iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus })));

const ACTS: Readonly<Record<string, Act>> = {
  'made INACTIVE': setTo('INACTIVE'),
  REVOKED: setTo('REVOKED'),
  deleted: deleteCertificate,
};

/** These have two certificates for a while. */
const WITH_TWO: readonly string[] = ['rotate', 'finish', 'replace', 'make the key'];

/** Somebody changes a certificate in AWS's console, before a call of an operation. */
export function byHand({ name }: Operation): Trouble[] {
  const which = WITH_TWO.includes(name) ? (['oldest', 'newest'] as const) : (['oldest'] as const);
  return which.flatMap((one) =>
    Object.entries(ACTS).map(([words, act]): Trouble => ({
      words: `the ${one} certificate ${words} by hand before`,
      kind: 'by hand',
      arrange: ({ lane }, target) => {
        let isNothing = true;
        const meanwhile = async () => {
          const certificates = await certificatesOf(lane);
          const certificate = one === 'oldest' ? certificates[0] : certificates[1];
          // REVOKED is final.
          if (certificate === undefined || certificate.status === 'REVOKED') return;
          isNothing = false;
          await act(certificate, lane);
        };
        return { faults: [{ ...target, kind: 'meanwhile', act: meanwhile }], isNothing: () => isNothing };
      },
    })),
  );
}
