import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why a role has wildcards, for the reviewer who sees them in a report of cdk-nag.
 *
 * @param reasons by resource: `*`, or service and resource of this account and region such as `iot:cert/*`
 */
export function acknowledgeWildcards(role: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [resource, reason] of Object.entries(reasons)) {
    const arn = resource.replace(':', ':<AWS::Region>:<AWS::AccountId>:');
    const known = resource === '*' ? '*' : `arn:<AWS::Partition>:${arn}`;
    Validations.of(role).acknowledge({ id: `AwsSolutions::AwsSolutions-IAM5[Resource::${known}]`, reason });
  }
}
