import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why a role has wildcards, for the reviewer who sees them in a report of cdk-nag.
 *
 * @param reasons by resource: `*`, an ARN as cdk-nag writes it, or service and resource of this account and region such as `iot:cert/*`
 */
export function acknowledgeWildcards(role: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [resource, reason] of Object.entries(reasons)) {
    const isWhole = resource === '*' || resource.startsWith('arn:');
    const known = isWhole
      ? resource
      : `arn:<AWS::Partition>:${resource.replace(':', ':<AWS::Region>:<AWS::AccountId>:')}`;
    Validations.of(role).acknowledge({ id: `AwsSolutions::AwsSolutions-IAM5[Resource::${known}]`, reason });
  }
}
