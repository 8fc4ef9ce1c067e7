import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Assembly } from './assembly.ts';
import { sortedBy } from './order.ts';
import { type Resource, resolved } from './template.ts';

/** A message as a device publishes it. */
export interface SampleMessage {
  readonly topic: string;
  readonly payload: string;
}

/**
 * What the statement of a topic rule, SQL version 2016-03-23, makes of a message: JSON text, or undefined when it does
 * not select it.
 *
 * @throws {Error} when it is not valid SQL
 */
export type SelectRow = (sql: string, message: SampleMessage) => string | undefined;

/** The same message under both statements. */
export interface SampleRows {
  readonly message: SampleMessage;
  /** JSON; or why there is no row. */
  readonly before: string;
  readonly after: string;
}

export interface RuleChange {
  /** As AWS IoT knows it. */
  readonly rule: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly sql?: { readonly before: string; readonly after: string };
  readonly rows?: SampleRows;
  readonly errorAction?: 'added' | 'removed' | 'changed';
  /** Other members of the rule that have changed, such as `Actions`. */
  readonly members: readonly string[];
}

const payloadSchema = z.looseObject({
  Sql: z.string().optional(),
  AwsIotSqlVersion: z.string().optional(),
  ErrorAction: z.unknown().optional(),
});

type Rule = z.infer<typeof payloadSchema>;

const TYPE = 'AWS::IoT::TopicRule';
const SQL_VERSION = '2016-03-23';
const NOT_SELECTED = 'none: the rule does not select it';
const NO_RULE = 'none: there is no such rule';

/** One of each kind: what devices usually send, a payload that uses a name of ours, and one that is no JSON object. */
const PAYLOADS = ['{"temperature":21.5}', '{"temperature":21.5,"device":"other"}', '21.5'];

function messages(names: FleetNames): SampleMessage[] {
  return PAYLOADS.map((payload) => ({ topic: `${names.telemetryTopic('kitchen-sensor')}/telemetry`, payload }));
}

/** How the topic rules differ, by name. */
export function ruleChanges(base: Assembly, head: Assembly, selectRow: SelectRow | undefined): RuleChange[] {
  const [before, after] = [rulesOf(base), rulesOf(head)];
  const found = [...new Set([...before.keys(), ...after.keys()])].flatMap((rule): RuleChange[] => {
    const [then, now] = [before.get(rule), after.get(rule)];
    if (isDeepStrictEqual(then, now)) return [];
    const { Sql: sqlThen, ErrorAction: errorThen, ...restThen } = then ?? {};
    const { Sql: sqlNow, ErrorAction: errorNow, ...restNow } = now ?? {};
    const members = [...new Set([...Object.keys(restThen), ...Object.keys(restNow)])].filter(
      (name) => !isDeepStrictEqual((restThen as Rule)[name], (restNow as Rule)[name]),
    );
    return [
      {
        rule,
        change: then === undefined ? 'added' : now === undefined ? 'removed' : 'changed',
        ...(sqlThen !== sqlNow && {
          sql: { before: sqlThen ?? '', after: sqlNow ?? '' },
          ...rowsOf(then, now, messages(head.names), selectRow),
        }),
        ...(then && now && !isDeepStrictEqual(errorThen, errorNow) && { errorAction: kindOf(errorThen, errorNow) }),
        members: then && now ? members.sort() : [],
      },
    ];
  });
  return sortedBy(found, ({ rule }) => rule);
}

function rulesOf({ stacks }: Assembly): Map<string, Rule> {
  const rules = [...stacks.values()].flatMap(({ template }) =>
    Object.entries(template.Resources).filter(([, { Type }]) => Type === TYPE),
  );
  return new Map(
    rules.map(([id, resource]) => [
      ruleName(id, resource),
      payloadSchema.parse(resolved(resource.Properties.TopicRulePayload)),
    ]),
  );
}

function ruleName(logicalId: string, { Properties: { RuleName } }: Resource): string {
  return typeof RuleName === 'string' ? RuleName : logicalId;
}

function kindOf(before: unknown, after: unknown): 'added' | 'removed' | 'changed' {
  return before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
}

/** Of the first message that shows the difference; else of the first that becomes a row. Of a rule for none of them, nothing. */
function rowsOf(
  then: Rule | undefined,
  now: Rule | undefined,
  samples: readonly SampleMessage[],
  selectRow: SelectRow | undefined,
): { rows: SampleRows } | undefined {
  if (selectRow === undefined || [then, now].some((rule) => rule && rule.AwsIotSqlVersion !== SQL_VERSION))
    return undefined;
  const all = samples.map((message): SampleRows => {
    const rowUnder = (rule: Rule | undefined) =>
      rule?.Sql === undefined ? NO_RULE : row(rule.Sql, message, selectRow);
    return { message, before: rowUnder(then), after: rowUnder(now) };
  });
  const telling =
    all.find(({ before, after }) => before !== after && !(isNone(before) && isNone(after))) ??
    all.find(({ after }) => !isNone(after)) ??
    all.find(({ before, after }) => ![before, after].every((each) => [NOT_SELECTED, NO_RULE].includes(each)));
  return telling && { rows: telling };
}

function row(sql: string, message: SampleMessage, selectRow: SelectRow): string {
  try {
    return selectRow(sql, message) ?? NOT_SELECTED;
  } catch (error) {
    return `none: ${(error as Error).message}`;
  }
}

function isNone(row: string): boolean {
  return row.startsWith('none: ');
}
