import type { TemplateDiff } from '@aws-cdk/cloudformation-diff';
import { type Changes, changes } from './findings.ts';

/** A statement of an IAM policy or of a resource's own policy; those of AWS IoT, which name no principal, are none. */
export interface AccessStatement {
  readonly stack: string;
  readonly effect: string;
  readonly action: string;
  readonly resource: string;
  readonly principal: string;
  /** Empty when there is none. */
  readonly condition: string;
}

/** How the CDK's library shows the function of that name, in a condition with its quotes escaped; all others it resolves. */
const SUBSTITUTION = /\{\\?"Fn::Sub\\?":\\?"([^"\\]*)\\?"\}/g;

/**
 * Statements that come and go in a stack, and managed policies.
 *
 * @param nameOf what people know a resource by, by its logical id
 */
export function accessChanges(
  stack: string,
  { iamChanges: { statements, managedPolicies } }: TemplateDiff,
  nameOf: (logicalId: string) => string,
): Changes<AccessStatement> {
  const named = (text: string) =>
    text
      .replace(SUBSTITUTION, '$1')
      .replace(/\$\{(\w+)/g, (_, id: string) => `\${${nameOf(id)}`)
      .replace(/\s+/g, ' ');
  const statement = (one: (typeof statements)['additions'][number]): AccessStatement => {
    const { effect, action, resource, principal, condition } = one.render();
    return {
      stack,
      effect,
      action: named(action),
      resource: named(resource),
      principal: named(principal),
      condition: named(condition),
    };
  };
  const attachment = (one: (typeof managedPolicies)['additions'][number]): AccessStatement => {
    const principal = named(one.identityArn);
    return {
      stack,
      effect: 'Allow',
      action: 'managed policy',
      resource: named(one.managedPolicyArn),
      principal,
      condition: '',
    };
  };
  const [before, after] = (['removals', 'additions'] as const).map((side) => [
    ...statements[side].map(statement).filter(({ principal }) => principal !== ''),
    ...managedPolicies[side].map(attachment),
  ]);
  return changes(before ?? [], after ?? [], (one) => JSON.stringify(one));
}
