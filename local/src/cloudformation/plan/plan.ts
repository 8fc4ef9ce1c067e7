import type { Account } from '../../service.ts';
import { type Scope, evaluate, holds } from '../template/intrinsics.ts';
import type { StackParameter } from '../template/parameters.ts';
import { type ForeignScope, type ResourceScope, createScope } from '../template/scope.ts';
import {
  type OutputDeclaration,
  type ResourceDeclaration,
  type Template,
  validationError,
} from '../template/template.ts';
import { UNKNOWN, type Value } from '../template/value.ts';
import { type Graph, checkAcyclic } from './graph.ts';

/** A resource that a template asks for under the conditions that hold. */
export interface PlannedResource {
  readonly logicalId: string;
  readonly declaration: ResourceDeclaration;
  readonly dependencies: readonly string[];
}

/** An attribute that the template uses, and where. */
export interface AttributeUse {
  readonly usedBy: string;
  readonly logicalId: string;
  readonly attribute: string;
}

/** What a template comes to with its parameters. */
export interface Plan {
  readonly template: Template;
  readonly resources: ReadonlyMap<string, PlannedResource>;
  readonly outputs: ReadonlyMap<string, OutputDeclaration>;
  readonly graph: Graph;
  readonly attributeUses: readonly AttributeUse[];
  readonly imports: readonly string[];
  /** All names of the template, with resources as that scope has them. */
  scope(resources: ResourceScope): Scope;
}

export interface PlanOptions {
  readonly template: Template;
  readonly parameters: readonly StackParameter[];
  readonly stack: { readonly id: string; readonly name: string };
  readonly account: Account;
  readonly foreign: ForeignScope;
}

/** Scope of a value whose resources do not matter yet. */
export const ANY_RESOURCE: ResourceScope = { ref: () => UNKNOWN, attribute: () => UNKNOWN };

/** Throws ValidationError when the template is not sound: rules, names without a meaning, circles. */
export function makePlan({ template, parameters, stack, account, foreign }: PlanOptions): Plan {
  const imports = new Set<string>();
  const recording: ForeignScope = {
    ...foreign,
    importValue: (name) => {
      imports.add(name);
      return foreign.importValue(name);
    },
  };
  const scope = (resources: ResourceScope): Scope =>
    createScope({ template, parameters, stack, account, resources, foreign: recording });
  const plain = scope(ANY_RESOURCE);
  checkRules(template, plain);
  const isActive = ({ condition }: { readonly condition: string | undefined }): boolean =>
    condition === undefined || plain.condition(condition);
  const declared = new Map(Object.entries(template.resources).filter(([, resource]) => isActive(resource)));
  const outputs = new Map(Object.entries(template.outputs).filter(([, output]) => isActive(output)));

  const attributeUses: AttributeUse[] = [];
  // What a value needs is what its evaluation asks for: the branch of Fn::If that is not taken needs nothing.
  const needs = (value: Value, usedBy: string, block: string): Set<string> => {
    const needed = new Set<string>();
    const need = (logicalId: string): typeof UNKNOWN => {
      if (!declared.has(logicalId))
        throw validationError(
          `Template format error: Unresolved resource dependencies [${logicalId}] in the ${block} block of the template`,
        );
      needed.add(logicalId);
      return UNKNOWN;
    };
    const tracing: ResourceScope = {
      ref: need,
      attribute: (logicalId, attribute) => {
        attributeUses.push({ usedBy, logicalId, attribute });
        return need(logicalId);
      },
    };
    evaluate(value, scope(tracing));
    return needed;
  };

  const resources = new Map<string, PlannedResource>();
  for (const [logicalId, declaration] of declared) {
    const needed = needs(declaration.properties, logicalId, 'Resources');
    for (const other of declaration.dependsOn) {
      if (!Object.hasOwn(template.resources, other))
        throw validationError(
          `Template format error: Unresolved resource dependencies [${other}] in the Resources block of the template`,
        );
      if (declared.has(other)) needed.add(other);
    }
    resources.set(logicalId, { logicalId, declaration, dependencies: [...needed] });
  }
  for (const [name, { value, exportName = '' }] of outputs) needs([value, exportName], `output ${name}`, 'Outputs');
  const graph: Graph = new Map([...resources].map(([id, { dependencies }]) => [id, dependencies]));
  checkAcyclic(graph);
  return { template, resources, outputs, graph, attributeUses, imports: [...imports], scope };
}

/** Checks the parameters of a stack against the template's Rules. Throws ValidationError with the rule's own words. */
function checkRules(template: Template, scope: Scope): void {
  for (const [name, { condition, assertions }] of Object.entries(template.rules)) {
    if (condition !== undefined && !holds(condition, scope)) continue;
    for (const { assert, description } of assertions)
      if (!holds(assert, scope)) throw validationError(`Rule ${name} does not hold: ${description}`);
  }
}
