import type { Action } from '@aws-sdk/client-iot';
import { NotImplementedError } from '../../errors.ts';
import { invalidRequest } from '../names.ts';
import type { Templates } from './action-members.ts';
import { cloudWatchMetricAction } from './cloudwatch-metric-action.ts';
import { dynamoDbAction } from './dynamodb-action.ts';
import { dynamoDbV2Action } from './dynamodb-v2-action.ts';
import { lambdaAction } from './lambda-action.ts';
import type { RuleAction } from './rule-action.ts';
import { sqsAction } from './sqs-action.ts';

/** Reads an action as it came in. Throws InvalidRequest, SqlParse, or NotImplemented with the name of an unknown action. */
export function compileAction(action: Action, template: Templates): RuleAction {
  const given = Object.entries(action).filter(([, value]) => value !== undefined);
  const [name, another] = given.map(([key]) => key);
  if (name === undefined || another !== undefined) throw invalidRequest('an action names exactly one kind of action');
  if (action.dynamoDB) return dynamoDbAction(action.dynamoDB, template);
  if (action.dynamoDBv2) return dynamoDbV2Action(action.dynamoDBv2, template);
  if (action.cloudwatchMetric) return cloudWatchMetricAction(action.cloudwatchMetric, template);
  if (action.sqs) return sqsAction(action.sqs, template);
  if (action.lambda) return lambdaAction(action.lambda);
  throw new NotImplementedError(`the rule action ${name}`);
}
