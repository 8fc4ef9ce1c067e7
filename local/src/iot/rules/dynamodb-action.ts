import type { AttributeValue, PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { DynamoDBAction, DynamoKeyType } from '@aws-sdk/client-iot';
import { NotImplementedError } from '../../errors.ts';
import { invalidRequest } from '../names.ts';
import { type Templates, required } from './action-members.ts';
import { toAttributeValue } from './attribute-values.ts';
import type { ActionInput, RuleAction } from './rule-action.ts';

/**
 * The `dynamoDB` action: keys from substitution templates, and what the statement selected in one column, as Binary when it is
 * not JSON (DG, dynamodb-rule-action).
 */
export function dynamoDbAction(shape: DynamoDBAction, template: Templates): RuleAction {
  const member = (name: keyof DynamoDBAction): string => required('dynamoDB', name, shape[name]);
  if (shape.operation !== undefined && shape.operation !== 'INSERT')
    throw new NotImplementedError(`the operation ${shape.operation} of the dynamoDB action`);
  if ((shape.rangeKeyField === undefined) !== (shape.rangeKeyValue === undefined))
    throw invalidRequest('the dynamoDB action has rangeKeyField without rangeKeyValue, or the other way around');
  const tableName = template(member('tableName'));
  const payloadField = template(shape.payloadField ?? 'payload');
  const key = (field: string, value: string, type: DynamoKeyType = 'STRING'): Entry => {
    const [fieldOf, valueOf] = [template(field), template(value)];
    return (input) => [fieldOf(input), type === 'NUMBER' ? { N: valueOf(input) } : { S: valueOf(input) }];
  };
  const keys = [key(member('hashKeyField'), member('hashKeyValue'), shape.hashKeyType)];
  if (shape.rangeKeyField !== undefined)
    keys.push(key(member('rangeKeyField'), member('rangeKeyValue'), shape.rangeKeyType));
  return {
    name: 'DynamoDBAction',
    resource: member('tableName'),
    roleArn: member('roleArn'),
    call: (input) => {
      const { output } = input;
      const payload = output instanceof Uint8Array ? { B: output } : toAttributeValue(output);
      const entries = [[payloadField(input), payload] as const, ...keys.map((entry) => entry(input))];
      const put: PutItemCommandInput = { TableName: tableName(input), Item: Object.fromEntries(entries) };
      return { service: 'dynamodb', operation: 'PutItem', input: put };
    },
  };
}

type Entry = (input: ActionInput) => readonly [string, AttributeValue];
