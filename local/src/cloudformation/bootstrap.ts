import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Dispatcher } from '../dispatcher.ts';
import type { Principal } from '../policy/principal.ts';
import type { Engine } from './engine/engine.ts';
import type { StackStore } from './stack/stack-store.ts';

const STACK = 'CDKToolkit';
/** An operation of the bootstrap takes milliseconds; longer than this, something hangs. */
const LONGEST_MS = 30_000;

/**
 * Deploys CDK's own bootstrap template, as `cdk bootstrap` would, unless that is done: its real roles and policies are then
 * enforced here. Throws when it fails.
 */
export async function bootstrap(
  {
    store,
    engine,
    dispatcher,
  }: { readonly store: StackStore; readonly engine: Engine; readonly dispatcher: Dispatcher },
  principal: Principal,
): Promise<void> {
  const existing = store.find(STACK);
  // Once it has been there, a later `cdk bootstrap` that failed leaves it usable.
  if (existing && /^(CREATE_COMPLETE$|UPDATE_)/.test(existing.status)) return;
  if (existing)
    throw new Error(`the CDK bootstrap stack ${STACK} is in ${existing.status}; start again with an empty data folder`);
  const template = createRequire(import.meta.url).resolve('aws-cdk/lib/api/bootstrap/bootstrap-template.yaml');
  await dispatcher.invoke(principal, 'cloudformation', 'CreateStack', {
    StackName: STACK,
    TemplateBody: await readFile(template, 'utf8'),
    Capabilities: ['CAPABILITY_NAMED_IAM'],
    // No key of KMS: the default of `cdk bootstrap`.
    Parameters: [{ ParameterKey: 'FileAssetsBucketKmsKeyId', ParameterValue: 'AWS_MANAGED_KEY' }],
  });
  const stack = store.find(STACK);
  if (!stack) return;
  await engine.idle(stack.id, LONGEST_MS);
  if (stack.status === 'CREATE_COMPLETE') return;
  const reasons = store
    .events(stack.id)
    .filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
  throw new Error(`the CDK bootstrap stack is in ${stack.status}: ${reasons.join('; ')}`);
}
