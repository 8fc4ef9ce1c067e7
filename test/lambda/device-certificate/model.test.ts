import { ServiceUnavailableException } from '@aws-sdk/client-iot';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { PARAMETER, PREVIOUS, type Properties } from './cloudformation.ts';
import { expectLive, expectUnusable, finishRotation, orphans, stored, works } from './device-state.ts';
import { FakeAws } from './fake-aws.ts';
import { REQUEST, working } from './operations.ts';
import { FakeStack } from './stack.ts';

interface Fault {
  readonly call: number;
  readonly when: 'before' | 'after';
  /** Lambda kills the run, and runs the event again. */
  readonly isFatal: boolean;
}

type Command =
  | {
      readonly name: 'deploy';
      readonly properties: Properties;
      readonly rest: 'succeeds' | 'fails';
      readonly fault?: Fault;
    }
  | { readonly name: 'destroy'; readonly fault?: Fault }
  | { readonly name: 'finish' | 'revoke' | 'deactivate' | 'delete' };

const properties: fc.Arbitrary<Properties> = fc.record(
  { generation: fc.integer({ min: 1, max: 4 }), csr: fc.constant(REQUEST), revoked: fc.constant(true) },
  { requiredKeys: ['generation'] },
);
const fault = fc.record({
  call: fc.integer({ min: 1, max: 30 }),
  when: fc.constantFrom('before', 'after'),
  isFatal: fc.boolean(),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      {
        name: fc.constant('deploy' as const),
        properties,
        rest: fc.constantFrom('succeeds' as const, 'succeeds' as const, 'fails' as const),
        fault,
      },
      { requiredKeys: ['name', 'properties', 'rest'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ name: fc.constant('destroy' as const), fault }, { requiredKeys: ['name'] }) },
  {
    weight: 4,
    arbitrary: fc.record({ name: fc.constantFrom('finish', 'finish', 'revoke', 'deactivate', 'delete') }),
  },
);

/** A device and all that happens to it, with what has to hold after everything. */
class World {
  readonly aws: FakeAws;
  readonly stack: FakeStack;
  /** Certificates that a board may have, and with which it can connect. */
  given = new Set<string>();
  faults = 0;

  constructor(aws: FakeAws) {
    this.aws = aws;
    this.stack = new FakeStack(aws);
  }

  async carryOut(command: Command): Promise<void> {
    const before = this.#current();
    let specAfter = before?.spec;
    switch (command.name) {
      case 'deploy':
        if (await this.#deploy(command)) specAfter = this.#current()?.spec;
        break;
      case 'destroy':
        this.#inject(command.fault);
        this.given.clear();
        if (this.stack.resource && (await this.stack.destroy())) expect(this.aws.parameters.names).toEqual([]);
        break;
      case 'finish':
        this.given.delete(stored(this.aws, PREVIOUS)?.certificateId ?? '');
        finishRotation(this.aws);
        break;
      case 'revoke':
        this.given.clear();
        for (const certificate of this.aws.certificates) if (certificate.isAttached) certificate.status = 'REVOKED';
        break;
      case 'deactivate':
      case 'delete':
        this.#touchByHand(command.name);
    }
    this.aws.fault = () => undefined;
    this.aws.revive();

    const { aws } = this;
    expectUnusable(orphans(aws));
    expect(orphans(aws).length).toBeLessThanOrEqual(this.faults);
    expect([...this.given].filter((id) => !works(aws.certificate(id)))).toEqual([]);
    // Only a deployment that wants something else ends a revocation.
    if (before?.isRevoked && specAfter === before.spec && this.stack.resource) expect(working(aws)).toEqual([]);
  }

  async #deploy(deployment: Extract<Command, { name: 'deploy' }>): Promise<boolean> {
    const { aws, stack } = this;
    const [before, previous] = [this.#current(), stored(aws, PREVIOUS)];
    const wasThere = stack.resource !== undefined;
    this.#inject(deployment.fault);
    const isDone = await stack.deploy(deployment.properties, deployment.rest);
    const now = this.#current();
    if (deployment.properties.revoked) this.given.clear();
    if (!isDone) {
      const isRefused = previous !== undefined || (!wasThere && before?.isRevoked);
      expect(deployment.rest === 'fails' || deployment.fault !== undefined || isRefused).toBe(true);
      if (!stack.resource) this.given.clear();
      return false;
    }
    if (deployment.properties.revoked) {
      expect(working(aws)).toEqual([]);
    } else if (now?.isRevoked) {
      expect(aws.certificates.filter(({ status }) => status === 'ACTIVE')).toEqual([]);
    } else {
      const id = stack.resource?.physicalId ?? '';
      expectLive(aws, id, deployment.properties.csr);
      this.given.add(id);
      // Where the clean-up failed, nothing says that the deployment has come to its end, and a file that is turned back
      // looks like a rollback.
      const replaced = stored(aws, PREVIOUS);
      if (replaced !== undefined && replaced.replacedBy !== stored(aws, PARAMETER)?.serial) this.given.delete(id);
    }
    return true;
  }

  #current() {
    const identity = stored(this.aws, PARAMETER);
    const certificate = this.aws.certificates.find(({ id }) => id === identity?.certificateId);
    const isRevoked = certificate?.status === 'REVOKED' && working(this.aws).length === 0;
    return identity && { spec: identity.spec, isRevoked };
  }

  #touchByHand(how: 'deactivate' | 'delete'): void {
    const certificate = this.aws.certificates.find(({ id }) => id === stored(this.aws, PARAMETER)?.certificateId);
    if (certificate === undefined || certificate.status === 'REVOKED') return;
    this.given.delete(certificate.id);
    certificate.status = 'INACTIVE';
    if (how === 'delete') this.aws.certificates.splice(this.aws.certificates.indexOf(certificate), 1);
  }

  #inject(fault: Fault | undefined): void {
    if (fault === undefined) return;
    this.faults++;
    let calls = 0;
    let isOver = false;
    this.aws.fault = (action, when) => {
      if (when === 'before') calls++;
      if (isOver || calls !== fault.call || when !== fault.when) return;
      isOver = true;
      this.aws.isDead = fault.isFatal;
      throw new ServiceUnavailableException({ $metadata: {}, message: `${action} fails` });
    };
  }
}

test('whatever happens to a device, in whatever order', { timeout: 120_000 }, async () => {
  vi.spyOn(console, 'log').mockReturnValue();
  const aws = new FakeAws();
  const begin = aws.snapshot();
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 14 }), async (commands) => {
      begin();
      const world = new World(aws);
      for (const one of commands) await world.carryOut(one);
    }),
    { numRuns: 500 },
  );
});
