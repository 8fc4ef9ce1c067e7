import { z } from 'zod';
import type { Assembly } from '../review/assembly.ts';
import { devicesOf, isRevoked } from '../review/devices.ts';
import { type Resource, resolved } from '../review/template.ts';

/** What a message sets off on its way into the time-series. */
export interface Route {
  /** Rules that it triggers. */
  readonly rules: number;
  /** Actions that are charged for: those of each rule, and at least one of each ("minimum of one action per rule", pricing page). */
  readonly actions: number;
}

/** What of a deployment decides what it costs. */
export interface Deployment {
  /** Devices that may connect: those that are not revoked. */
  readonly devices: number;
  /** Whether devices publish by basic ingest, past the broker. */
  readonly basicIngest: boolean;
  readonly byBroker: Route;
  /** Of a message that names the rule `fleet_telemetry`, and so reaches no other. */
  readonly byBasicIngest: Route;
  /** Whether every payload is kept whole, in base64. */
  readonly keepsWhole: boolean;
  /** How long rows are kept, in days; undefined when they stay. */
  readonly retentionDays?: number;
  readonly pointInTimeRecovery: boolean;
  /** Metrics that alarms look at. */
  readonly alarms: number;
  readonly dashboards: number;
  /** Metrics of our own: one a device where a rule counts its messages. */
  readonly metrics: number;
}

const settingsSchema = z.looseObject({ retention: z.string().optional() }).catch({});

const rulePayload = z.looseObject({
  Sql: z.string().default(''),
  Actions: z.array(z.record(z.string(), z.unknown())).default([]),
});

interface Rule {
  readonly name: unknown;
  readonly sql: string;
  /** By kind, such as `DynamoDBv2`. */
  readonly actions: readonly string[];
}

/** @param settings the context key `fleet` of its cdk.json, which says how long rows are kept */
export function deploymentOf(assembly: Assembly, settings: unknown): Deployment {
  const { names, stacks } = assembly;
  const resources = [...stacks.values()].flatMap(({ template }) => Object.values(template.Resources));
  const all = (type: string) => resources.filter(({ Type }) => Type === type);
  const devices = [...devicesOf(assembly).values()].filter((device) => !isRevoked(device)).length;
  const rules = all('AWS::IoT::TopicRule').map(ruleOf);
  const retentionDays = daysOf(settingsSchema.parse(settings ?? {}).retention);
  return {
    devices,
    basicIngest: all('AWS::IoT::Policy').some((policy) => allowsBasicIngest(policy, names.telemetryRule)),
    // Few messages say that a board uses a new identity.
    byBroker: routeOf(
      rules.filter(({ name, sql }) => sql.includes(`FROM '${names.topicRoot}/`) && name !== names.usedRule),
    ),
    byBasicIngest: routeOf(rules.filter(({ name }) => name === names.telemetryRule)),
    keepsWhole: !rules.some(({ sql }) => sql.startsWith('SELECT *')),
    ...(retentionDays !== undefined && { retentionDays }),
    pointInTimeRecovery: all('AWS::DynamoDB::Table').some(({ Properties }) =>
      JSON.stringify(Properties.PointInTimeRecoverySpecification ?? '').includes('true'),
    ),
    alarms: all('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    dashboards: all('AWS::CloudWatch::Dashboard').length,
    metrics: rules.some(({ actions }) => actions.includes('CloudwatchMetric')) ? devices : 0,
  };
}

function ruleOf({ Properties: { RuleName, TopicRulePayload } }: Resource): Rule {
  const { Sql, Actions } = rulePayload.parse(resolved(TopicRulePayload));
  return { name: RuleName, sql: Sql, actions: Actions.flatMap((action) => Object.keys(action)) };
}

/** How many metrics an alarm looks at, each of which is charged for. */
function metricsOf({ Properties: { Metrics } }: Resource): number {
  if (!Array.isArray(Metrics)) return 1;
  return Metrics.filter((query: object) => 'MetricStat' in query).length;
}

function routeOf(rules: readonly Rule[]): Route {
  // A rule whose condition does not hold is triggered all the same.
  return { rules: rules.length, actions: rules.reduce((sum, { actions }) => sum + Math.max(1, actions.length), 0) };
}

function allowsBasicIngest({ Properties }: Resource, rule: string): boolean {
  const policy = JSON.stringify(resolved(Properties.PolicyDocument)) ?? '';
  return policy.includes(`:topic/$aws/rules/${rule}/`);
}

const DAYS: Readonly<Record<string, number>> = { s: 1 / 86_400, m: 1 / 1_440, h: 1 / 24, d: 1, w: 7, y: 365 };

function daysOf(retention: string | undefined): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhdwy])$/.exec(retention ?? '') ?? [];
  return amount === undefined ? undefined : Number(amount) * (DAYS[unit] ?? 1);
}
