import type { PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { DynamoDBv2Action } from '@aws-sdk/client-iot';
import { AwsError } from '../../errors.ts';
import { Decimal } from '../sql/index.ts';
import { type Templates, required } from './action-members.ts';
import { toAttributes } from './attribute-values.ts';
import type { RuleAction } from './rule-action.ts';

/** The `dynamoDBv2` action: one column for each root attribute, the table's keys among them (DG, dynamodb-v2-rule-action). */
export function dynamoDbV2Action(shape: DynamoDBv2Action, template: Templates): RuleAction {
  const resource = required('dynamoDBv2', 'putItem.tableName', shape.putItem?.tableName);
  const tableName = template(resource);
  return {
    name: 'DynamoDBv2Action',
    resource,
    roleArn: required('dynamoDBv2', 'roleArn', shape.roleArn),
    call: (input) => {
      const { output } = input;
      if (
        typeof output !== 'object' ||
        output === null ||
        Array.isArray(output) ||
        output instanceof Uint8Array ||
        output instanceof Decimal
      )
        throw new AwsError('ValidationException', 'what the statement selected is not a JSON object', 400);
      const put: PutItemCommandInput = { TableName: tableName(input), Item: toAttributes(output) };
      return { service: 'dynamodb', operation: 'PutItem', input: put };
    },
  };
}
