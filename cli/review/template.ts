import { z } from 'zod';

/** What of a resource in a CloudFormation template is looked at here. */
const resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});

/** A CloudFormation template as CDK writes it. */
export const templateSchema = z.looseObject({ Resources: z.record(z.string(), resource).default({}) });

export type Template = z.infer<typeof templateSchema>;
export type Resource = z.infer<typeof resource>;

export const EMPTY_TEMPLATE: Template = { Resources: {} };

/** The account and region that AWS's own examples have; a review is about neither. */
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '111122223333',
};

const join = z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });
const reference = z.strictObject({ Ref: z.string() });
const attribute = z.strictObject({ 'Fn::GetAtt': z.union([z.string(), z.array(z.string())]) });
const substitution = z.strictObject({ 'Fn::Sub': z.string() });

/** A value of a template as one text: what the deployment fills in stands as `${LogicalId}` or `${LogicalId.Arn}`. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const joined = join.safeParse(value).data;
  if (joined) {
    const [separator, parts] = joined['Fn::Join'];
    return parts.map(textOf).join(separator);
  }
  const referenced = reference.safeParse(value).data;
  if (referenced) return PSEUDO_PARAMETERS[referenced.Ref] ?? `\${${referenced.Ref}}`;
  const read = attribute.safeParse(value).data;
  if (read) return `\${${[read['Fn::GetAtt']].flat().join('.')}}`;
  const substituted = substitution.safeParse(value).data;
  if (substituted) {
    return substituted['Fn::Sub'].replace(/\$\{([^!}]+)\}/g, (text, name: string) => PSEUDO_PARAMETERS[name] ?? text);
  }
  return JSON.stringify(value) ?? '';
}

/** The same value with every text in it as {@link textOf} has it. */
export function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const [first, ...others] = Object.keys(value);
  if (others.length === 0 && (first === 'Ref' || first?.startsWith('Fn::'))) return textOf(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolved(member)]));
}
