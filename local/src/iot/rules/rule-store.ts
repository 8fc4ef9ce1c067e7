import type { Action, TopicRulePayload } from '@aws-sdk/client-iot';
import { NotImplementedError } from '../../errors.ts';
import type { Collection, State } from '../../state/state.ts';
import { invalidRequest } from '../names.ts';
import { isPresenceFilter } from '../presence.ts';
import { DEFAULT_SQL_VERSION, SQL_VERSIONS, type Statement, parseStatement } from '../sql/index.ts';
import { matchesAtAws } from '../topic-matching.ts';
import { parsingSql, templatesOf } from './action-members.ts';
import { compileAction } from './compile-action.ts';
import type { RuleAction } from './rule-action.ts';

/** Actions of one rule (API Reference, TopicRulePayload). */
const MAX_ACTIONS = 10;
/** Topics whose rules are remembered; there are few, unless a device makes up new ones. */
const MAX_TOPICS = 10_000;

/** A topic rule as it was made. */
export interface TopicRule {
  readonly name: string;
  readonly created: Date;
  readonly payload: TopicRulePayload;
}

/** A topic rule, ready to run. */
export interface CompiledRule {
  readonly name: string;
  readonly statement: Statement;
  readonly actions: readonly RuleAction[];
  readonly errorAction: RuleAction | undefined;
}

/** The topic rules, each compiled once, and which of them a topic sets off. */
export class RuleStore {
  readonly #rules: Collection<TopicRule>;
  /** Of enabled rules alone. */
  readonly #compiled = new Map<string, CompiledRule>();
  readonly #byTopic = new Map<string, readonly CompiledRule[]>();

  constructor(state: State) {
    this.#rules = state.collection('iot.topic-rules');
    for (const rule of this.#rules.values()) this.#compile(rule);
  }

  get(name: string): TopicRule | undefined {
    return this.#rules.get(name);
  }

  values(): TopicRule[] {
    return [...this.#rules.values()];
  }

  /** Stores a rule instead of the one of its name. Throws AwsError for a rule that could not run. */
  set(rule: TopicRule): void {
    this.#compile(rule);
    this.#rules.set(rule.name, rule);
  }

  delete(name: string): void {
    this.#compiled.delete(name);
    this.#byTopic.clear();
    this.#rules.delete(name);
  }

  /** The enabled rules whose FROM matches the topic. */
  matching(topic: string): readonly CompiledRule[] {
    const known = this.#byTopic.get(topic);
    if (known) return known;
    if (this.#byTopic.size >= MAX_TOPICS) this.#byTopic.clear();
    const matching = [...this.#compiled.values()].filter(
      ({ statement: { topicFilter } }) => topicFilter !== undefined && matchesAtAws(topicFilter, topic),
    );
    this.#byTopic.set(topic, matching);
    return matching;
  }

  /** The rule of that name, if it is enabled. */
  enabled(name: string): CompiledRule | undefined {
    return this.#compiled.get(name);
  }

  #compile(rule: TopicRule): void {
    const compiled = compileRule(rule);
    if (rule.payload.ruleDisabled) this.#compiled.delete(rule.name);
    else this.#compiled.set(rule.name, compiled);
    this.#byTopic.clear();
  }
}

function compileRule({ name, payload }: TopicRule): CompiledRule {
  const { awsIotSqlVersion = DEFAULT_SQL_VERSION, sql, actions = [], errorAction } = payload;
  const version = SQL_VERSIONS.find((known) => known === awsIotSqlVersion);
  if (version === undefined)
    throw new NotImplementedError(`SQL version ${awsIotSqlVersion} (there are ${SQL_VERSIONS.join(' and ')})`);
  if (actions.length > MAX_ACTIONS)
    throw invalidRequest(`rule ${name} has ${actions.length} actions; at most ${MAX_ACTIONS} are allowed`);
  const statement = parsingSql(() => parseStatement(sql ?? '', version));
  const { topicFilter } = statement;
  if (topicFilter?.startsWith('$') && !isPresenceFilter(topicFilter))
    throw new NotImplementedError(`FROM '${topicFilter}': this reserved topic has no messages here, and such a rule`);
  const compile = (action: Action): RuleAction => compileAction(action, templatesOf(version));
  return { name, statement, actions: actions.map(compile), errorAction: errorAction && compile(errorAction) };
}
