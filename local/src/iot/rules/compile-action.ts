import type { Action } from '@aws-sdk/client-iot';
import { NotImplementedError } from '../../errors.ts';
import { invalidRequest } from '../names.ts';
import type { Templates } from './action-members.ts';
import { cloudWatchLogsAction } from './cloudwatch-logs-action.ts';
import { cloudWatchMetricAction } from './cloudwatch-metric-action.ts';
import { dynamoDbAction } from './dynamodb-action.ts';
import { dynamoDbV2Action } from './dynamodb-v2-action.ts';
import { lambdaAction } from './lambda-action.ts';
import { republishAction } from './republish-action.ts';
import type { RuleAction } from './rule-action.ts';
import { s3Action } from './s3-action.ts';
import { snsAction } from './sns-action.ts';
import { sqsAction } from './sqs-action.ts';

type Compile<Name extends keyof Action> = (shape: NonNullable<Action[Name]>, template: Templates) => RuleAction;

/** The actions that rules have here, by their names in a rule. */
export const ACTIONS: { readonly [Name in keyof Action]: Compile<Name> } = {
  cloudwatchLogs: cloudWatchLogsAction,
  cloudwatchMetric: cloudWatchMetricAction,
  dynamoDB: dynamoDbAction,
  dynamoDBv2: dynamoDbV2Action,
  lambda: lambdaAction,
  republish: republishAction,
  s3: s3Action,
  sns: snsAction,
  sqs: sqsAction,
};

/** Reads an action as it came in. Throws InvalidRequest, SqlParse, or NotImplemented with the name of an unknown action. */
export function compileAction(action: Action, template: Templates): RuleAction {
  const given = Object.entries(action).filter(([, value]) => value !== undefined);
  const [[name, shape] = [], another] = given;
  if (name === undefined || another !== undefined) throw invalidRequest('an action names exactly one kind of action');
  const compile = Object.hasOwn(ACTIONS, name) ? ACTIONS[name as keyof Action] : undefined;
  if (!compile) throw new NotImplementedError(`the rule action ${name}`);
  return (compile as (shape: unknown, template: Templates) => RuleAction)(shape, template);
}
