import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { paginateListTopicRules } from '@aws-sdk/client-iot';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { listCertificates } from '../aws/certificates.ts';
import { iot } from '../aws/clients.ts';
import { listed } from '../aws/gone.ts';
import { policyNames } from '../aws/policies.ts';
import { listThings } from '../aws/things.ts';

/** Everything in the cloud that deployments of the app make, such as `thing kitchen-sensor`. */
export async function inventory(): Promise<Set<string>> {
  const rules = paginateListTopicRules({ client: iot }, {});
  const parameters = paginateGetParametersByPath({ client: new SSMClient({}) }, { Path: '/', Recursive: true });
  const tables = paginateListTables({ client: new DynamoDBClient({}) }, {});
  const found: Readonly<Record<string, readonly (string | undefined)[]>> = {
    thing: await listThings(),
    certificate: (await listCertificates()).map(({ id }) => id),
    policy: await policyNames(),
    rule: (await listed(rules, (page) => page.rules)).map(({ ruleName }) => ruleName),
    parameter: (await listed(parameters, ({ Parameters }) => Parameters)).map(({ Name }) => Name),
    table: await listed(tables, ({ TableNames }) => TableNames),
  };
  return new Set(Object.entries(found).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`)));
}
