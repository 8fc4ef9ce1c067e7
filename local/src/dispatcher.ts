import { randomUUID } from 'node:crypto';
import { AwsError, NotImplementedError } from './errors.ts';
import { throttled } from './faults/fault.ts';
import type { CallSteps, Faults } from './faults/faults.ts';
import type { Log } from './log.ts';
import { type Pace, quickPace } from './pace/pace.ts';
import type { ConditionContext } from '../../policy/conditions.ts';
import type { NamedPolicy } from '../../policy/document.ts';
import type { ResourcePolicy } from '../../policy/evaluate.ts';
import { decide } from './policy/decide.ts';
import type { Principal } from './policy/principal.ts';
import type { Account, Call, Operation, Service } from './service.ts';

/** The one way to every operation, from outside and from inside: finds it, asks IAM, runs it. */
export class Dispatcher {
  readonly account: Account;
  readonly pace: Pace;
  readonly #log: Log;
  readonly #faults: Faults | undefined;
  readonly #services = new Map<string, Service>();

  /**
   * @param faults what goes wrong, for tests
   * @param pace whether calls are limited
   */
  constructor(account: Account, log: Log, faults?: Faults, pace: Pace = quickPace()) {
    this.account = account;
    this.#log = log;
    this.#faults = faults;
    this.pace = pace;
  }

  register(service: Service): void {
    this.#services.set(service.name, service);
  }

  /** The services that a SigV4 credential scope may mean. */
  services(signingName: string): Service[] {
    return [...this.#services.values()].filter(({ name, signingNames = [name] }) => signingNames.includes(signingName));
  }

  /** Runs an operation as that principal. Throws AwsError: NotImplemented, Throttling, AccessDenied, or what the handler says. */
  async invoke<O>(
    principal: Principal,
    serviceName: string,
    operationName: string,
    input: object,
    requestId?: string,
  ): Promise<O> {
    const service = this.#services.get(serviceName);
    const operation = service?.operations[operationName] as Operation<object, unknown> | undefined;
    if (!service || !operation) throw new NotImplementedError(`${serviceName}:${operationName}`);
    const call = new DispatchedCall(this, principal, { service, name: operationName, operation, input }, requestId);
    if (this.#faults) return (await this.#faults.meet(service, operationName, principal, call, input)) as O;
    call.admit();
    return (await call.handle()) as O;
  }

  /**
   * Runs what a device asks for by an MQTT message, which its own policy has let through: it is no call to an API, but can fail like one.
   *
   * @param who the device, as refusals name it
   */
  async overMqtt<O>(who: string, operation: string, payload: object, handle: () => Promise<O>): Promise<O> {
    const nothing = (): void => undefined;
    const steps = { admit: nothing, handle, throttled: nothing };
    return this.#faults
      ? ((await this.#faults.meet({ name: 'mqtt' }, operation, { arn: who }, steps, payload)) as O)
      : handle();
  }

  /** Asks IAM. Throws AccessDenied. */
  authorize(
    principal: Principal,
    action: string,
    resource: string,
    conditions: ConditionContext,
    resourcePolicy?: ResourcePolicy,
  ): void {
    const policies: readonly NamedPolicy[] = principal.policies();
    const decision = decide(
      policies,
      { action, resource, conditions: { ...globalConditions(principal), ...conditions } },
      resourcePolicy,
    );
    if (decision.allowed) return;
    this.#log.refused({ who: principal.arn, action, resource, why: decision.why });
    throw new AwsError(
      'AccessDeniedException',
      `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}: ${decision.why}`,
      403,
    );
  }
}

/** An operation, and what it is asked. */
interface Asked {
  readonly service: Service;
  readonly name: string;
  readonly operation: Operation<object, unknown>;
  readonly input: object;
}

/** A class, since a rule's action makes one for each message. */
class DispatchedCall implements Call, CallSteps {
  readonly principal: Principal;
  readonly #dispatcher: Dispatcher;
  readonly #asked: Asked;
  #requestId: string | undefined;

  constructor(dispatcher: Dispatcher, principal: Principal, asked: Asked, requestId: string | undefined) {
    this.principal = principal;
    this.#dispatcher = dispatcher;
    this.#asked = asked;
    this.#requestId = requestId;
  }

  get id(): string {
    return this.#dispatcher.account.id;
  }

  get region(): string {
    return this.#dispatcher.account.region;
  }

  get requestId(): string {
    return (this.#requestId ??= randomUUID());
  }

  authorize(action: string, resource: string, conditions: ConditionContext = {}): void {
    this.#dispatcher.authorize(this.principal, action, resource, conditions);
  }

  invoke<O>(service: string, operation: string, input: object): Promise<O> {
    return this.#dispatcher.invoke(this.principal, service, operation, input);
  }

  /** Throws AwsError for a call beyond the limits, one that IAM does not allow, and one with members that nobody honours. */
  admit(): void {
    const { service, name, operation, input } = this.#asked;
    if (this.#dispatcher.pace.isBeyond(service.name, name)) {
      this.throttled();
      throw throttled();
    }
    if (!operation.needsNoPermission) {
      const resourcePolicy = operation.resourcePolicy?.(input, this);
      const resource = operation.resource(input, this);
      this.#dispatcher.authorize(
        this.principal,
        operation.action ?? `${service.actionPrefix ?? service.name}:${name}`,
        resource,
        operation.conditions?.(input, this) ?? {},
        resourcePolicy && {
          policy: { name: `the policy of ${resource}`, document: resourcePolicy },
          principal: this.principal,
        },
      );
    }
    refuseOthers(operation.takes, input, `${service.name}:${name}`);
  }

  async handle(): Promise<unknown> {
    const { service, name, operation, input } = this.#asked;
    const begun = performance.now();
    const output = (await operation.handle(input, this)) ?? {};
    service.served?.(name, input, output, performance.now() - begun);
    return output;
  }

  throttled(): void {
    const { service, name, input } = this.#asked;
    service.throttled?.(name, input);
  }
}

// A member that is read over would turn green what does not exist.
function refuseOthers(taken: readonly string[] | undefined, input: object, operation: string): void {
  if (!taken) return;
  for (const [member, value] of Object.entries(input))
    if (value !== undefined && !taken.includes(member)) throw new NotImplementedError(`${member} of ${operation}`);
}

// Loopback is as private as TLS: CDK's bootstrap bucket denies what is not aws:SecureTransport.
const globalConditions = (principal: Principal): ConditionContext => ({
  'aws:PrincipalArn': principal.identityArn ?? principal.arn,
  'aws:PrincipalAccount': principal.account,
  // There is one account, so every resource is its own.
  'aws:ResourceAccount': principal.account,
  's3:ResourceAccount': principal.account,
  'aws:SourceAccount': principal.service === undefined ? undefined : principal.account,
  'aws:SourceArn': principal.sourceArn,
  'aws:userid': principal.userId,
  'aws:SecureTransport': 'true',
  'aws:CurrentTime': new Date().toISOString(),
  'aws:EpochTime': String(Math.floor(Date.now() / 1000)),
});
