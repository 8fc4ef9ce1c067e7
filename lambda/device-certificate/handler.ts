import { answering } from '../custom-resource/handle.ts';
import { persistently } from '../custom-resource/retry.ts';
import { create } from './create.ts';
import { remove } from './remove.ts';
import { update } from './update.ts';

/**
 * The custom resource `Custom::DeviceCertificate`: one generation of a device, which is created, revoked and deleted, and never
 * changes otherwise. Its physical id is the id of its certificate. Lambda may run an event more than once; every run gives
 * the same answer.
 */
export const handler = answering(async (event, deadline, setPhysicalId) => {
  switch (event.RequestType) {
    case 'Create': {
      setPhysicalId(`unmade-${event.LogicalResourceId}`);
      const made = await persistently({ deadline }, () => create(event, deadline, setPhysicalId));
      return setPhysicalId(made ?? `revoked-${event.LogicalResourceId}`);
    }
    case 'Update':
      return persistently({ deadline }, () => update(event, deadline));
    case 'Delete':
      // When a stack update cleans up, CloudFormation asks once, and what failed then is forgotten.
      return persistently({ deadline, furtherTries: 2 }, () => remove(event, deadline));
  }
});
