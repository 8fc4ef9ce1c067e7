import { ServiceUnavailableException } from '@aws-sdk/client-iot';
import type { FakeAws } from './fake-aws.ts';
import type { FakeStack } from './stack.ts';

/** What may become of a call, before it takes effect or after it. */
export const FAULTS = [
  'fails', // the run goes on with the error
  'is the last of its run', // Lambda kills it, and runs the event again
  'is the last of all runs', // Lambda kills the others as well: nothing is ever answered
] as const;

export interface Fault {
  readonly call: number;
  readonly when: 'before' | 'after';
  readonly kind: (typeof FAULTS)[number];
}

export interface Hit {
  /** Whether a certificate was made of which nothing says whose it is. */
  readonly losesCertificate: boolean;
  /** Whether a clean-up may have been given up. */
  readonly abandons: boolean;
}

/** Lets a call of the next deployment fail. */
export function inject(aws: FakeAws, stack: FakeStack, { call, when, kind }: Fault): Hit {
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
