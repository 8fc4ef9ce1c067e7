import { liftingProtection } from './stack-deletion.ts';

/** What is to be said of a stack that no deployment can go on with as it is; undefined of every other one. */
export function stackProblem(name: string, status: string): string | undefined {
  if (status === 'ROLLBACK_COMPLETE') {
    // The CDK CLI deletes it before it makes it anew, and CloudFormation refuses that.
    const why = `${name} is ROLLBACK_COMPLETE: its first deployment failed, and its protection is in the way of the next one`;
    return `${why}; run: ${liftingProtection(name)} && npx cdk deploy --all`;
  }
  if (!status.endsWith('_FAILED')) return undefined;
  // Of a stack that never came to life, and of one that is to go, nothing can be taken back.
  const way = /^(DELETE|ROLLBACK)_FAILED$/.test(status) ? 'destroy' : 'rollback';
  return `${name} is ${status}; run: npx cdk ${way} ${name}`;
}
