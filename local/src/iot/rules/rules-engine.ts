import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { MetricStore } from '../../cloudwatch/metric-store.ts';
import type { Dispatcher } from '../../dispatcher.ts';
import { AwsError } from '../../errors.ts';
import type { IamStore } from '../../iam/iam-store.ts';
import type { Log } from '../../log.ts';
import type { Principal } from '../../policy/principal.ts';
import type { Readings } from '../../readings.ts';
import { IOT_PRINCIPAL } from '../names.ts';
import { type Message, type Selected, SqlRuntimeError, evaluate } from '../sql/index.ts';
import { basicIngest } from '../topic-matching.ts';
import { type Failure, errorMessage } from './error-message.ts';
import type { ActionInput, RuleAction, ServiceCall } from './rule-action.ts';
import type { CompiledRule, RuleStore } from './rule-store.ts';

/** Pauses before the second and the third attempt. AWS "might make multiple attempts"; how many is not documented. */
const RETRY_AFTER_MS = [50, 250];

/** Of a message that rules republish. */
const MOST_HOPS = 20;

/** A message as it was published. */
export interface Publication {
  /** With basic ingest still with its prefix. */
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Undefined over HTTP, and of what AWS IoT tells itself. */
  readonly clientId: string | undefined;
  /** The id of the certificate, or of the IAM principal that published over HTTP; undefined of what AWS IoT tells itself. */
  readonly principal: string | undefined;
}

export interface RulesEngineOptions {
  readonly rules: RuleStore;
  readonly dispatcher: Dispatcher;
  readonly iam: IamStore;
  readonly metrics: MetricStore;
  readonly readings: Readings;
  readonly log: Log;
}

/** Evaluates the topic rules over every message that the broker lets through, and runs their actions. */
export class RulesEngine {
  readonly #options: RulesEngineOptions;
  /** How many rules a message has come through: one that sets itself off would never end. */
  readonly #hops = new AsyncLocalStorage<number>();

  constructor(options: RulesEngineOptions) {
    this.#options = options;
  }

  /**
   * Runs the rules that a message sets off. Resolves when every row is written or every dead letter sent, or neither could
   * be, which the log says; it never rejects. Undefined, so that nobody waits, when the message sets off no rule.
   */
  run({ topic, payload, clientId, principal }: Publication): Promise<unknown> | undefined {
    const ingest = basicIngest(topic);
    const rules = ingest ? this.#named(ingest.ruleName) : this.#options.rules.matching(topic);
    if (rules.length === 0) return undefined;
    const hops = this.#hops.getStore() ?? 0;
    if (hops >= MOST_HOPS) {
      const names = rules.map(({ name }) => name).join(', ');
      this.#options.log.warn(
        `rules ${names}: a message to ${topic} has been republished ${hops} times; the local cloud ends the loop here, AWS would go on`,
      );
      return undefined;
    }
    // Part by part: to spread one object into another takes V8 longer than all that a rule does.
    const message: Message = {
      topic: ingest?.topic ?? topic,
      payload,
      clientId,
      principal,
      accountId: this.#options.dispatcher.account.id,
      timestamp: Date.now(),
      traceId: randomUUID(),
    };
    return Promise.all(rules.map((rule) => this.#runRule(rule, message)));
  }

  // Whether FROM has to match as well is not documented for basic ingest; it may be missing there (DG, iot-basic-ingest).
  #named(name: string): readonly CompiledRule[] {
    const rule = this.#options.rules.enabled(name);
    if (rule) return [rule];
    this.#options.log.warn(`basic ingest: there is no enabled rule ${JSON.stringify(name)}`);
    this.#count('RuleNotFound', name);
    return [];
  }

  async #runRule(rule: CompiledRule, message: Message): Promise<void> {
    this.#count('TopicMatch', rule.name);
    const selected = this.#select(rule, message);
    if (!selected?.matched) return;
    const { output, variables } = selected;
    const { readings: reading } = this.#options;
    const attempts = rule.actions.map(async (action) => {
      const failure = await this.#attempt(rule, action, { message, output, variables, reading });
      this.#count(failure ? 'Failure' : 'Success', rule.name, action);
      return failure;
    });
    const failures = (await Promise.all(attempts)).filter((failure) => failure !== undefined);
    if (failures.length === 0) return;
    const { errorAction } = rule;
    if (!errorAction) {
      this.#options.log.warn(`rule ${rule.name} has no error action: a message to ${message.topic} is lost`);
      return;
    }
    const lost = await this.#attempt(rule, errorAction, {
      message,
      output: errorMessage(rule.name, message, failures),
      variables: new Map(),
      reading,
    });
    this.#count(lost ? 'ErrorActionFailure' : 'ErrorActionSuccess', rule.name, errorAction);
    if (lost)
      this.#options.log.warn(`the error action of rule ${rule.name} failed: a message to ${message.topic} is lost`);
  }

  /** An SQL error goes to the log alone: AWS runs neither the actions nor the error action then. */
  #select({ name, statement }: CompiledRule, message: Message): Selected | undefined {
    try {
      return evaluate(statement, message, this.#options.readings);
    } catch (error) {
      this.#options.log.warn(`rule ${name}: SQL error over a message to ${message.topic}: ${describe(error)}`);
      return undefined;
    }
  }

  /** DG, metrics_dimensions. */
  #count(name: string, RuleName: string, action?: RuleAction): void {
    const spell = ACTION_TYPES[this.#options.readings['action-type']];
    const dimensions = { RuleName, ...(action && { ActionType: spell(action.name) }) };
    this.#options.metrics.add({ namespace: 'AWS/IoT', name, dimensions }, 1, { unit: 'Count' });
  }

  #principal({ name }: CompiledRule, { roleArn }: RuleAction): Principal {
    const { iam, dispatcher } = this.#options;
    if (roleArn !== undefined) return iam.serviceSession(roleArn, IOT_PRINCIPAL, name);
    const { region, id } = dispatcher.account;
    return { ...iam.servicePrincipal(IOT_PRINCIPAL), sourceArn: `arn:aws:iot:${region}:${id}:rule/${name}` };
  }

  async #attempt(rule: CompiledRule, action: RuleAction, input: ActionInput): Promise<Failure | undefined> {
    try {
      const call = action.call(input);
      await retrying(() => this.#make(rule, action, call));
      return undefined;
    } catch (error) {
      this.#options.log.warn(`rule ${rule.name}: ${action.name} on ${action.resource} failed: ${describe(error)}`);
      return { action, error };
    }
  }

  async #make(rule: CompiledRule, action: RuleAction, call: ServiceCall): Promise<unknown> {
    const { first, service, operation, input } = call;
    if (first)
      await this.#make(rule, action, first).catch((error: unknown) => {
        if (!(error instanceof AwsError) || error.code !== first.isDone) throw error;
      });
    const { dispatcher } = this.#options;
    const asked = [this.#principal(rule, action), service, operation, input] as const;
    // Not around every call: with its first use, it makes each promise of the process slower.
    if (service === 'iot-data')
      return this.#hops.run((this.#hops.getStore() ?? 0) + 1, () => dispatcher.invoke(...asked));
    return dispatcher.invoke(...asked);
  }
}

async function retrying(attempt: () => Promise<unknown>): Promise<unknown> {
  for (const pause of RETRY_AFTER_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error)) throw error;
      await wait(pause);
    }
  }
  return attempt();
}

/** How ActionType is made of an action's name in error messages, such as `DynamoDBv2Action`. */
const ACTION_TYPES: Readonly<Record<Readings['action-type'], (name: string) => string>> = {
  DynamoDBv2: (name) => name.replace(/Action$/, ''),
  dynamoDBv2: (name) => name.charAt(0).toLowerCase() + name.replace(/Action$/, '').slice(1),
  DynamoDBv2Action: (name) => name,
};

const THROTTLED = /Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded/;

/** Whether another attempt may succeed: throttling, or an error of the service itself, but not what is never there. */
const mayPass = (error: unknown): boolean =>
  error instanceof AwsError && (THROTTLED.test(error.code) || (error.status >= 500 && error.code !== 'NotImplemented'));

const describe = (error: unknown): string => {
  if (error instanceof AwsError) return `${error.code}: ${error.message}`;
  if (error instanceof SqlRuntimeError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};
