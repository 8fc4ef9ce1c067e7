import type { DeploymentConfig, Parameter, RollbackConfiguration, Tag } from '@aws-sdk/client-cloudformation';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { GetParametersResult } from '@aws-sdk/client-ssm';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { NotImplementedError } from '../../errors.ts';
import type { Call } from '../../service.ts';
import type { Context } from '../context.ts';
import { foreignScope } from '../engine/exports.ts';
import { type Plan, makePlan } from '../plan/plan.ts';
import { type Deployed, EMPTY, type Stack, type StoredChange } from '../stack/stack.ts';
import { checkCapabilities } from '../template/capabilities.ts';
import { resolveParameters } from '../template/parameters.ts';
import { parseTemplate } from '../template/parse-template.ts';
import { validationError } from '../template/template.ts';

/** What CreateStack, UpdateStack and CreateChangeSet have in common. */
export interface DeploymentInput {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
  readonly Parameters?: Parameter[] | undefined;
  readonly Capabilities?: string[] | undefined;
  readonly Tags?: Tag[] | undefined;
  readonly RollbackConfiguration?: RollbackConfiguration | undefined;
  readonly DeploymentConfig?: DeploymentConfig | undefined;
}

/** Members of those calls that are honoured, or refused when they ask for something. */
export const DEPLOYMENT_MEMBERS = [
  ...(['StackName', 'TemplateBody', 'TemplateURL', 'Parameters', 'Capabilities', 'RoleARN', 'Tags'] as const),
  ...(['RollbackConfiguration', 'DeploymentConfig', 'NotificationARNs'] as const),
];

export interface Prepared {
  readonly target: Omit<Deployed, 'outputs' | 'imports'>;
  readonly plan: Plan;
}

/** Reads and checks all that a deployment is made of. Throws ValidationError or InsufficientCapabilities; changes nothing. */
export async function prepare(
  context: Context,
  call: Call,
  input: DeploymentInput,
  stack: Pick<Stack, 'id' | 'name' | 'deployed'>,
): Promise<Prepared> {
  if ((input.RollbackConfiguration?.RollbackTriggers ?? []).length > 0)
    throw new NotImplementedError('RollbackTriggers');
  const text = input.UsePreviousTemplate ? stack.deployed.template : await readTemplate(call, input);
  const template = parseTemplate(text);
  const parameters = await resolveParameters(template, input.Parameters ?? [], stack.deployed.parameters, (names) =>
    readSsm(call, names),
  );
  const capabilities = input.Capabilities ?? [];
  checkCapabilities(template, capabilities);
  return {
    target: {
      template: text,
      description: template.description,
      parameters,
      tags: input.Tags ?? stack.deployed.tags,
      capabilities,
    },
    plan: makePlan({ template, parameters, stack, account: context.account, foreign: foreignScope(context.store) }),
  };
}

/** Whether a deployment would change anything. */
export function hasChanges(deployed: Deployed, { target, plan }: Prepared, changes: readonly StoredChange[]): boolean {
  return (
    changes.length > 0 ||
    !isDeepStrictEqual(target.tags, deployed.tags) ||
    !isDeepStrictEqual(plan.template.outputs, parseTemplate(deployed.template).outputs)
  );
}

/** The text of a template, from the call or from a bucket, which is read as the caller. */
export async function readTemplate(call: Call, { TemplateBody, TemplateURL }: DeploymentInput): Promise<string> {
  if (TemplateBody !== undefined && TemplateURL === undefined)
    return withinSize('TemplateBody', TemplateBody, MAX_BODY_BYTES);
  if (TemplateURL === undefined || TemplateBody !== undefined)
    throw validationError('Either Template URL or Template Body must be specified.');
  const { Body } = await call.invoke<GetObjectCommandOutput>('s3', 'GetObject', objectOf(TemplateURL));
  if (!(Body instanceof Uint8Array)) throw new Error('S3 answers without a body');
  return withinSize('the template', Buffer.from(Body).toString('utf8'), MAX_OBJECT_BYTES);
}

/** CloudFormation's quotas, of a template in the call and in a bucket. */
const MAX_BODY_BYTES = 51_200;
const MAX_OBJECT_BYTES = 1024 * 1024;

function withinSize(what: string, text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  throw validationError(`${what} has ${Buffer.byteLength(text)} bytes; at most ${most} are allowed`);
}

/** Path-style, as S3 is served here, or AWS's own virtual-hosted style. */
function objectOf(url: string): { Bucket: string; Key: string } {
  if (!URL.canParse(url)) throw validationError(`TemplateURL must be a supported URL: ${url}`);
  const { hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname.slice(1));
  const virtual = /^(.+)\.s3[.-].*amazonaws\.com$/.exec(hostname)?.[1];
  const slash = path.indexOf('/');
  if (virtual !== undefined) return { Bucket: virtual, Key: path };
  if (slash === -1) throw validationError(`TemplateURL must name a bucket and a key: ${url}`);
  return { Bucket: path.slice(0, slash), Key: path.slice(slash + 1) };
}

async function readSsm(call: Call, names: string[]): Promise<Map<string, string>> {
  const { Parameters = [], InvalidParameters = [] } = await call.invoke<GetParametersResult>('ssm', 'GetParameters', {
    Names: names,
  });
  if (InvalidParameters.length > 0)
    throw validationError(
      `Unable to fetch parameters [${InvalidParameters.join(',')}] from parameter store for this account.`,
    );
  return new Map(Parameters.map(({ Name = '', Value = '' }) => [Name, Value]));
}

/** A stack that does not exist yet. */
export function newStack({ account }: Context, name: string | undefined): Stack {
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name ?? ''))
    throw validationError(
      `The stack name ${name} must be of 1 to 128 letters, digits and hyphens, the first a letter.`,
    );
  return {
    id: `arn:aws:cloudformation:${account.region}:${account.id}:stack/${name}/${randomUUID()}`,
    name: name ?? '',
    created: new Date(),
    updated: undefined,
    deleted: undefined,
    status: 'REVIEW_IN_PROGRESS',
    statusReason: undefined,
    deployed: EMPTY,
    before: undefined,
    roleArn: undefined,
    changeSetId: undefined,
    terminationProtection: false,
    deploymentConfig: undefined,
    disableRollback: false,
    onFailure: 'ROLLBACK',
  };
}
