import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import {
  paginateListCertificates,
  paginateListPolicies,
  paginateListThings,
  paginateListTopicRules,
} from '@aws-sdk/client-iot';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { iot } from '../aws/clients.ts';

/** Everything in the cloud that deployments of the app make, such as `thing kitchen-sensor`. */
export async function inventory(): Promise<Set<string>> {
  const found = new Set<string>();
  const add = (kind: string, names: readonly (string | undefined)[] = []) => {
    for (const name of names) found.add(`${kind} ${name}`);
  };
  const client = iot;
  for await (const { things } of paginateListThings({ client }, {}))
    add(
      'thing',
      things?.map((one) => one.thingName),
    );
  for await (const { certificates } of paginateListCertificates({ client }, {})) {
    add(
      'certificate',
      certificates?.map((one) => one.certificateId),
    );
  }
  for await (const { policies } of paginateListPolicies({ client }, {})) {
    add(
      'policy',
      policies?.map((one) => one.policyName),
    );
  }
  for await (const { rules } of paginateListTopicRules({ client }, {}))
    add(
      'rule',
      rules?.map((one) => one.ruleName),
    );

  const path = { Path: '/', Recursive: true };
  for await (const { Parameters } of paginateGetParametersByPath({ client: new SSMClient({}) }, path)) {
    add(
      'parameter',
      Parameters?.map((one) => one.Name),
    );
  }
  for await (const { TableNames } of paginateListTables({ client: new DynamoDBClient({}) }, {}))
    add('table', TableNames);
  return found;
}
