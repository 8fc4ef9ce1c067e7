import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError, NotImplementedError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import { tagsOf } from '../tags.ts';
import type { AlarmStore } from './alarm-store.ts';
import { type AlarmMath, alarmMath } from './alarm-math.ts';
import { dimensionsOf } from './dimensions.ts';
import { COMPARISONS } from './evaluate-alarm.ts';
import { checkPeriod, checkStatistic } from './statistics.ts';

const DAY = 24 * 60 * 60;
const PAGE = 100;
const TREATMENTS = ['breaching', 'notBreaching', 'ignore', 'missing'];

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** @returns the period, in milliseconds */
function checkMetric({ Statistic, Dimensions, Period }: sdk.PutMetricAlarmInput): number {
  checkStatistic(Statistic);
  dimensionsOf(Dimensions);
  return checkPeriod(Period);
}

function checkMath(input: sdk.PutMetricAlarmInput): AlarmMath {
  for (const member of ['Namespace', 'MetricName', 'Dimensions', 'Statistic', 'Period'] as const)
    if (input[member] !== undefined) throw invalid(`${member} and Metrics do not go together.`);
  return alarmMath(input.Metrics ?? []);
}

/** Refuses what CloudWatch refuses, and what it does but the local cloud does not. */
function check(input: sdk.PutMetricAlarmInput): void {
  const { AlarmName: name = '', Namespace, MetricName, Threshold, ComparisonOperator: operator } = input;
  const { EvaluationPeriods: periods = 0, DatapointsToAlarm: needed = periods, TreatMissingData } = input;
  if (name === '' || name.length > 255) throw invalid(`AlarmName has ${name.length} characters; allowed are 1 to 255.`);
  const required = { ...(!input.Metrics && { Namespace, MetricName }), Threshold, ComparisonOperator: operator };
  for (const [member, value] of Object.entries(required))
    if (value === undefined || value === '') throw invalid(`The alarm ${name} has no ${member}.`);
  for (const member of ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const)
    if ((input[member] ?? []).length > 0) throw new NotImplementedError(`${member} of cloudwatch:PutMetricAlarm`);
  const period = (input.Metrics ? checkMath(input).period : checkMetric(input)) / 1000;
  if (operator && !COMPARISONS[operator]) throw new NotImplementedError(`ComparisonOperator ${operator} of an alarm`);
  if (periods < 1 || needed < 1 || needed > periods)
    throw invalid(`EvaluationPeriods ${periods} and DatapointsToAlarm ${needed}: allowed are 1 to EvaluationPeriods.`);
  // API Reference, PutMetricAlarm, EvaluationPeriods.
  const most = period < 3600 ? DAY : 7 * DAY;
  if (periods * period > most)
    throw invalid(`EvaluationPeriods times Period is ${periods * period} s; at most ${most} s are allowed.`);
  if (TreatMissingData !== undefined && !TREATMENTS.includes(TreatMissingData))
    throw invalid(`TreatMissingData is ${TreatMissingData}; allowed are ${TREATMENTS.join(', ')}.`);
}

export const alarmOperations = (store: AlarmStore): Operations<typeof sdk> => ({
  PutMetricAlarm: {
    takes: [
      ...(['AlarmName', 'AlarmDescription', 'ActionsEnabled', 'Tags'] as const),
      ...(['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const),
      ...(['Namespace', 'MetricName', 'Dimensions', 'Statistic', 'Period', 'Metrics'] as const),
      ...(['EvaluationPeriods', 'DatapointsToAlarm', 'Threshold', 'ComparisonOperator', 'TreatMissingData'] as const),
    ],
    resource: ({ AlarmName = '' }) => store.arn(AlarmName),
    handle: (input) => {
      check(input);
      const { Tags, ...settings } = input;
      const name = input.AlarmName ?? '';
      const now = new Date();
      const known = store.alarms.get(name);
      const state = { value: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation', updated: now } as const;
      store.alarms.set(name, {
        name,
        settings,
        configured: now,
        state: known?.state ?? state,
        // Tags given with an update are ignored (API Reference, PutMetricAlarm).
        tags: known?.tags ?? tagsOf(Tags),
      });
    },
  },
  DescribeAlarms: {
    takes: ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'MaxRecords', 'NextToken'],
    resource: () => store.arn('*'),
    handle: ({ AlarmNames, AlarmNamePrefix = '', AlarmTypes = [], StateValue, MaxRecords, NextToken: token }) => {
      store.evaluate();
      const wanted = [...store.alarms.values()]
        .filter(() => AlarmTypes.length === 0 || AlarmTypes.includes('MetricAlarm'))
        .filter(({ name }) => AlarmNames === undefined || AlarmNames.length === 0 || AlarmNames.includes(name))
        .filter(({ name }) => name.startsWith(AlarmNamePrefix))
        .filter(({ state }) => StateValue === undefined || state.value === StateValue);
      const { items, next } = pageOf(wanted, ({ name }) => name, { limit: MaxRecords ?? PAGE, token });
      return { MetricAlarms: items.map((alarm) => store.describe(alarm)), CompositeAlarms: [], NextToken: next };
    },
  },
  DeleteAlarms: {
    takes: ['AlarmNames'],
    resource: ({ AlarmNames: [first = ''] = [] }) => store.arn(first),
    handle: ({ AlarmNames = [] }, call) => {
      for (const name of AlarmNames.slice(1)) call.authorize('cloudwatch:DeleteAlarms', store.arn(name));
      // With one wrong name none is deleted (API Reference, DeleteAlarms).
      const unknown = AlarmNames.find((name) => !store.alarms.has(name));
      if (unknown !== undefined) throw new AwsError('ResourceNotFound', `The alarm ${unknown} does not exist.`, 404);
      for (const name of AlarmNames) store.alarms.delete(name);
    },
  },
});
