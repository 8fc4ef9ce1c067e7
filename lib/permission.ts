import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** A statement of the policy of a role. @param resources ARNs, or `*` for actions that know no resource */
export function allow(sid: string, actions: readonly string[], ...resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ sid, actions: [...actions], resources: [...resources] });
}

/** ARNs in the account and region of the stack that has the construct. */
export function arnsOf(scope: IConstruct): (service: string, resource: string, resourceName?: string) => string {
  const stack = Stack.of(scope);
  return (service, resource, resourceName = '*') => stack.formatArn({ service, resource, resourceName });
}
