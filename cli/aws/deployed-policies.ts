import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { cloudFormation } from '../../aws/clients.ts';
import { unlessGone } from '../../aws/gone.ts';
import { isMissingStack } from '../../aws/stacks.ts';

/** A part of a template, as JSON has it. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

interface Template {
  readonly Resources?: Readonly<Record<string, { readonly Type?: string; readonly Properties?: Record<string, Json> }>>;
}

/** The documents of the AWS IoT policies in the template of a stack, by the names of the policies; none without a stack. */
export async function policyDocumentsIn(stackName: string): Promise<ReadonlyMap<string, Json>> {
  const asked = cloudFormation.send(new GetTemplateCommand({ StackName: stackName }));
  const { TemplateBody = '{}' } = (await unlessGone(asked, isMissingStack)) ?? {};
  const { Resources = {} } = JSON.parse(TemplateBody) as Template; // the CDK writes JSON
  const documents = new Map<string, Json>();
  for (const { Type, Properties: { PolicyName, PolicyDocument } = {} } of Object.values(Resources)) {
    if (Type !== 'AWS::IoT::Policy' || typeof PolicyName !== 'string' || PolicyDocument === undefined) continue;
    documents.set(PolicyName, PolicyDocument);
  }
  return documents;
}

/**
 * What CloudFormation makes of a part of a template that uses nothing but partition, region and account.
 *
 * @param arn of anything that is where the stack is
 * @returns undefined when it uses something else
 */
export function resolved(part: Json, arn: string): Json | undefined {
  const [, partition = '', , region = '', account = ''] = arn.split(':');
  const pseudoParameters = new Map([
    ['AWS::Partition', partition],
    ['AWS::Region', region],
    ['AWS::AccountId', account],
  ]);
  try {
    return resolve(part, (name) => {
      const value = pseudoParameters.get(name);
      if (value === undefined) throw new UnresolvedError();
      return value;
    });
  } catch (error) {
    if (error instanceof UnresolvedError) return undefined;
    throw error;
  }
}

class UnresolvedError extends Error {}

function resolve(part: Json, valueOf: (name: string) => string): Json {
  if (typeof part !== 'object' || part === null) return part;
  if (isList(part)) return part.map((each) => resolve(each, valueOf));
  const [[name, value] = ['', null], ...others] = Object.entries(part);
  if (others.length === 0 && name === 'Ref' && typeof value === 'string') return valueOf(value);
  if (others.length === 0 && name === 'Fn::Sub' && typeof value === 'string')
    return value.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, of: string) =>
      literal === '' ? valueOf(of) : `\${${of}}`,
    );
  if (others.length === 0 && name === 'Fn::Join' && isList(value)) {
    const [separator, parts] = value;
    if (typeof separator === 'string' && isList(parts))
      return parts.map((each) => textOf(resolve(each, valueOf))).join(separator);
  }
  if (name.startsWith('Fn::') || name === 'Ref') throw new UnresolvedError();
  return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, resolve(each, valueOf)]));
}

function textOf(part: Json): string {
  if (typeof part !== 'string') throw new UnresolvedError();
  return part;
}

const isList = (part: Json | undefined): part is readonly Json[] => Array.isArray(part);
