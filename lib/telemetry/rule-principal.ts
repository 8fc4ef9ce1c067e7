import { Aws } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';

/**
 * AWS IoT, for the rules of this account only: see "Cross-service confused deputy prevention" in the Developer Guide. Its
 * other condition, `aws:SourceArn`, may name the account and the region, and no rule, so that it would add next to nothing.
 */
export function rulePrincipal(): ServicePrincipal {
  return new ServicePrincipal('iot.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
}
