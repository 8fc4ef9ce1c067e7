import type { Account } from '../../service.ts';
import { type Scope, holds } from './intrinsics.ts';
import { type StackParameter, parameterValue } from './parameters.ts';
import { type Template, validationError } from './template.ts';
import type { Resolved } from './value.ts';

/** What the names of resources stand for; who asks decides whether they have to exist already. */
export type ResourceScope = Pick<Scope, 'ref' | 'attribute'>;

/** What other stacks give away. */
export type ForeignScope = Pick<Scope, 'importValue' | 'stackOutput'>;

export interface ScopeOptions {
  readonly template: Template;
  readonly parameters: readonly StackParameter[];
  readonly stack: { readonly id: string; readonly name: string };
  readonly account: Account;
  readonly resources: ResourceScope;
  readonly foreign: ForeignScope;
}

/** The names of one template: pseudo parameters, parameters, conditions and mappings, then resources and other stacks. */
export function createScope({ template, parameters, stack, account, resources, foreign }: ScopeOptions): Scope {
  const pseudo: Readonly<Record<string, Resolved>> = {
    'AWS::AccountId': account.id,
    'AWS::Region': account.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackId': stack.id,
    'AWS::StackName': stack.name,
    'AWS::NotificationARNs': [],
  };
  const conditions = new Map<string, boolean | 'under way'>();
  const scope: Scope = {
    ref(name) {
      if (name === 'AWS::NoValue') return undefined;
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      const declaration = Object.hasOwn(template.parameters, name) ? template.parameters[name] : undefined;
      const parameter = parameters.find(({ key }) => key === name);
      return declaration && parameter ? parameterValue(declaration, parameter) : resources.ref(name);
    },
    attribute: (logicalId, name) => resources.attribute(logicalId, name),
    condition(name) {
      const known = conditions.get(name);
      if (known === 'under way') throw validationError(`Template error: the condition ${name} depends on itself`);
      if (known !== undefined) return known;
      const expression = Object.hasOwn(template.conditions, name) ? template.conditions[name] : undefined;
      if (expression === undefined) throw validationError(`Template error: unresolved condition ${name}`);
      conditions.set(name, 'under way');
      const value = holds(expression, scope);
      conditions.set(name, value);
      return value;
    },
    mapping(map, top, second) {
      const row = template.mappings[map]?.[top];
      const value = typeof row === 'object' && row !== null && !Array.isArray(row) ? row[second] : undefined;
      if (value === undefined)
        throw validationError(`Template error: Unable to get mapping for ${map}::${top}::${second}`);
      return value;
    },
    ...foreign,
  };
  return scope;
}
