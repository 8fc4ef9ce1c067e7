import { Aws } from 'aws-cdk-lib';
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * AWS IoT, for the rules of this account only: see "Cross-service confused deputy prevention" in the Developer Guide. Its
 * other condition, `aws:SourceArn`, may name the account and the region, and no rule, so that it would add next to nothing.
 */
export function rulePrincipal(): ServicePrincipal {
  return new ServicePrincipal('iot.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
}

/** A role that rules act by, and that allows these statements in one policy of its own. */
export function ruleRole(scope: Construct, id: string, policyName: string, ...statements: PolicyStatement[]): Role {
  const inlinePolicies = { [policyName]: new PolicyDocument({ statements }) };
  return new Role(scope, id, { assumedBy: rulePrincipal(), inlinePolicies });
}
