import type { Principal } from '../policy/principal.ts';
import type { Service } from '../service.ts';
import { type Fault, type FaultTarget, finalFailure, type SeenCall, throttled } from './fault.ts';
import { LateEffects } from './late-effects.ts';
import { type StandingFault, isTarget, outage, throttledShare } from './standing-fault.ts';

/** The two halves of a call: whether IAM allows it, and what it does. */
export interface CallSteps {
  admit(): void;
  handle(): Promise<unknown>;
  /** Lets the service count a call that was throttled before it saw it. */
  throttled(): void;
}

/** Who makes a call: a principal of IAM, or a device. */
type Caller = Pick<Principal, 'arn'> & Partial<Pick<Principal, 'identityArn' | 'accessKeyId'>>;

interface Armed {
  readonly fault: Fault;
  matched: number;
}

/** An answer that says no gets lost like any other. */
const ended = (call: Promise<unknown>): Promise<unknown> => call.catch(() => undefined);

/** Resolves never: the client is left waiting. */
const silence = (): Promise<never> => new Promise(() => undefined);

/**
 * What goes wrong in a local cloud, for tests. A test makes it, gives it to `startCloud`, and adds faults as it goes; nothing
 * of it can be reached over the wire.
 */
export class Faults {
  /** What was injected so far, oldest first. */
  readonly injected: { readonly fault: Fault; readonly call: SeenCall }[] = [];
  /** All calls since the last {@link clear}, as they arrived; a retry by an SDK counts as another one. */
  readonly calls: SeenCall[] = [];
  /** Told of each call, with what it asks for. */
  watch: (call: SeenCall, input: object) => void = () => undefined;
  #armed: Armed[] = [];
  readonly #standing = new Set<StandingFault>();
  readonly #late = new LateEffects();
  #killCaller: (principal: Caller) => boolean = () => false;

  /** Each is injected once, into the first call that it matches; the calls before count all the same. */
  add(...faults: readonly Fault[]): void {
    this.#armed.push(...faults.map((fault) => ({ fault, matched: 0 })));
  }

  /**
   * Throttles a share (0 to 1) of the calls to an operation, at random but by the seed, so that a run can be repeated.
   *
   * @returns ends it
   */
  throttleShare(target: Omit<FaultTarget, 'occurrence'>, share: number, seed: number): () => void {
    return this.#stand(throttledShare(target, share, seed));
  }

  /**
   * Fails every call to an operation from now on, as a service that is down: with an error that is worth another attempt.
   *
   * @returns ends it
   */
  openOutage(target: Omit<FaultTarget, 'occurrence'>): () => void {
    return this.#stand(outage(target));
  }

  /** Takes back the faults that were not injected yet and those that stand, and forgets what was seen. */
  clear(): void {
    this.#armed = [];
    this.#standing.clear();
    this.injected.length = 0;
    this.calls.length = 0;
  }

  /** Brings about now what would be seen late. */
  async settle(): Promise<void> {
    await this.#late.settle();
  }

  /** For the local cloud: how to kill the Lambda function that makes a call; false when the caller is none. */
  onCrash(killCaller: (principal: Caller) => boolean): void {
    this.#killCaller = killCaller;
  }

  /** For the dispatcher: what becomes of a call. */
  async meet(
    service: Pick<Service, 'name'> & Partial<Pick<Service, 'model'>>,
    operation: string,
    principal: Caller,
    steps: CallSteps,
    input: object,
  ): Promise<unknown> {
    const call = { service: service.name, operation, caller: principal.arn };
    this.calls.push(call);
    this.watch(call, input);
    await this.#late.beforeCall(service.name);
    const fault = this.#take(call, principal);
    if (!fault) {
      this.#meetStanding(call, principal, steps);
      return run(steps);
    }
    this.injected.push({ fault, call });
    switch (fault.kind) {
      case 'fail before':
        throw fault.error ?? finalFailure();
      case 'throttle':
        steps.throttled();
        throw throttled();
      case 'fail after':
        await ended(run(steps));
        throw fault.error ?? finalFailure();
      case 'time out':
        await ended(run(steps));
        return silence();
      case 'crash before':
        this.#crash(principal);
        return silence();
      case 'crash after':
        await ended(run(steps));
        this.#crash(principal);
        return silence();
      case 'answer twice': {
        steps.admit();
        // What becomes of an effect that comes when its answer is long gone, nobody is told.
        if (fault.again) void fault.again.then(() => steps.handle()).catch(() => undefined);
        const [answer] = await Promise.all([steps.handle(), ...(fault.again ? [] : [steps.handle()])]);
        return answer;
      }
      case 'meanwhile':
        await fault.act();
        return run(steps);
      case 'seen late':
        if (answersSomething(service, operation))
          throw new Error(`${operation} answers something: its effect cannot come late`);
        steps.admit();
        this.#late.add({ service: service.name, calls: fault.calls, apply: () => steps.handle() });
    }
  }

  #stand(fault: StandingFault): () => void {
    this.#standing.add(fault);
    return () => void this.#standing.delete(fault);
  }

  #meetStanding(call: SeenCall, principal: Caller, steps: CallSteps): void {
    for (const { target, kind, meets } of this.#standing) {
      const error = isTarget(target, call, principal) ? meets() : undefined;
      if (!error) continue;
      this.injected.push({ fault: kind === 'throttle' ? { ...target, kind } : { ...target, kind, error }, call });
      if (kind === 'throttle') steps.throttled();
      throw error;
    }
  }

  #take(call: SeenCall, principal: Caller): Fault | undefined {
    for (const armed of this.#armed) {
      if (!isTarget(armed.fault, call, principal)) continue;
      armed.matched += 1;
      if (armed.matched < (armed.fault.occurrence ?? 1)) continue;
      this.#armed = this.#armed.filter((other) => other !== armed);
      return armed.fault;
    }
    return undefined;
  }

  #crash(principal: Caller): void {
    if (!this.#killCaller(principal)) throw new Error(`${principal.arn} is no Lambda function that could crash`);
  }
}

async function run(steps: CallSteps): Promise<unknown> {
  steps.admit();
  return steps.handle();
}

function answersSomething({ model }: { readonly model?: Service['model'] }, operation: string): boolean {
  const output = model?.operations.get(operation)?.output;
  return output !== undefined && !output.isUnitSchema() && [...output.structIterator()].length > 0;
}
