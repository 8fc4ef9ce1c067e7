import { NAMES } from '../proved-fleet.ts';
import { type Action, attacksOn, attacksOnAll, connectAs, type Ingest, publish, subscribe } from './actions.ts';

/** As which client a stolen claim connects. */
export const CLAIM_CLIENT = `${NAMES.claim}-thief`;

/** What whoever has the claim, out of a firmware, must not do: all that no device may, and what the enrolment does not take. */
export const attacksByClaim = (devices: readonly string[], ingest: Ingest): Action[] => {
  const [certificates, provisioning] = NAMES.enrolmentTopics;
  return [
    ...devices.flatMap((device) => attacksOn(device)),
    // It may not even publish what it may not retain.
    ...attacksOnAll(NAMES.claim, ingest).filter(({ action }) => action !== 'iot:RetainPublish'),
    ...[NAMES.claim, NAMES.claim.toLowerCase()].map(connectAs),
    ...[
      '$aws/certificates/create/json',
      '$aws/certificates/create-from-csr/cbor',
      `${certificates}/accepted`,
      `${provisioning}/accepted`,
      '$aws/provisioning-templates/another/provision/json',
    ].map(publish),
    ...['$aws/certificates/#', '$aws/provisioning-templates/+/provision/json/accepted'].map(subscribe),
  ];
};
