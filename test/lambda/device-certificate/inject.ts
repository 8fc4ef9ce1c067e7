import { ServiceUnavailableException } from '@aws-sdk/client-iot';
import type { FakeAws } from './fake-aws.ts';
import type { FakeStack } from './stack.ts';

/** What may become of a call, before it takes effect or after it. */
const FAULTS = [
  'fails', // the run goes on with the error
  'is the last of its run', // Lambda kills it, and runs the event again
  'is the last of all runs', // Lambda kills the others as well: nothing is ever answered
] as const;

interface Fault {
  readonly call: number;
  readonly when: 'before' | 'after';
  readonly kind: (typeof FAULTS)[number];
}

interface Hit {
  /** Whether a certificate was made of which nothing says whose it is. */
  readonly losesCertificate: boolean;
  /** Whether a clean-up may have been given up. */
  readonly abandons: boolean;
}

/** What becomes of a deployment of which a call fails, see {@link sweep}. */
export type Survives = (hit: Hit) => Promise<void>;

/**
 * Deploys from where the stack is now, and again from there with each of its calls failing in each way.
 *
 * @param whole the deployment of which no call fails, with what it is to come to
 */
export async function sweep(aws: FakeAws, stack: FakeStack, whole: () => Promise<void>, survives: Survives) {
  const [restore, resources, shown] = [aws.snapshot(), new Map(stack.resources), new Map(aws.resources)];
  const again = () => {
    restore();
    stack.resources = new Map(resources);
    aws.resources.clear();
    for (const [id, resource] of shown) aws.resources.set(id, resource);
  };
  again();
  await whole();
  const calls = aws.calls.length;
  for (let call = 1; call <= calls; call++) {
    for (const when of ['before', 'after'] as const) {
      for (const kind of FAULTS) {
        again();
        await survives(inject(aws, stack, { call, when, kind })).catch((error: unknown) => {
          throw new Error(`call ${call} of ${calls} ${kind}, ${when} it takes effect`, { cause: error });
        });
      }
    }
  }
}

/** Lets a call of the next deployment fail. */
function inject(aws: FakeAws, stack: FakeStack, { call, when, kind }: Fault): Hit {
  let before = '';
  let calls = 0;
  let hit: Hit | undefined;
  aws.fault = (action, moment) => {
    if (moment === 'before') calls++;
    if (calls === call && moment === when && hit === undefined) {
      const isMade = 'CreateCertificateFromCsr';
      hit = {
        losesCertificate: when === 'after' ? action === isMade : before === isMade && kind !== 'fails',
        abandons: kind === 'is the last of all runs' && stack.events.at(-1)?.RequestType === 'Delete',
      };
      aws.isDead = kind !== 'fails';
      aws.deadRuns = kind === 'is the last of all runs' ? 2 : 0;
      throw new ServiceUnavailableException({ $metadata: {}, message: `${action} fails` });
    }
    before = action;
  };
  return {
    get losesCertificate() {
      return hit?.losesCertificate ?? false;
    },
    get abandons() {
      return hit?.abandons ?? false;
    },
  };
}
