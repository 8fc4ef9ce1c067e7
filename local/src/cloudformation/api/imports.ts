import type { CreateChangeSetInput } from '@aws-sdk/client-cloudformation';
import type { Call } from '../../service.ts';
import { type Context, invokeAs } from '../context.ts';
import type { Attributes, Invoke } from '../resources/provider.ts';
import type { ResourceType } from '../resources/resource-types.ts';
import type { StoredChange } from '../stack/stack.ts';
import { validationError } from '../template/template.ts';
import type { Prepared } from './prepare.ts';

/** What a change set imports, by logical id; and why it can not, where AWS makes a change set that has failed. */
export interface Imports {
  readonly imported: Readonly<Record<string, Attributes>>;
  readonly refusal?: string;
}

/**
 * With ImportExistingResources, what a deployment would make and is there already is imported: of a type that can be
 * imported, under a name that stands in the template, in no stack, and left behind when the stack goes (User Guide, "Import
 * AWS resources into a CloudFormation stack automatically").
 */
export async function automaticImports(
  context: Context,
  call: Call,
  { RoleARN }: CreateChangeSetInput,
  { plan }: Prepared,
  changes: readonly StoredChange[],
): Promise<Imports> {
  const types = await context.types();
  const invoke = invokeAs(context, call, RoleARN);
  const imported: Record<string, Attributes> = {};
  const unprotected: string[] = [];
  for (const { action, logicalId, type: name } of changes) {
    const type = types.find(name);
    const declaration = plan.resources.get(logicalId)?.declaration;
    if (action !== 'Add' || typeof type === 'string' || declaration === undefined) continue;
    const identifier = identifierIn(declaration.properties, type);
    if (identifier === undefined || (await find(context, invoke, type, identifier)) === undefined) continue;
    imported[logicalId] = identifier;
    if (declaration.deletionPolicy !== 'Delete') continue;
    const pairs = Object.entries(identifier).map(([property, value]) => `${property}=${value}`);
    unprotected.push(`${logicalId} ({${pairs.join(',')}})`);
  }
  if (unprotected.length === 0) return { imported };
  return {
    imported: {},
    refusal:
      'CloudFormation is attempting to import some resources because they already exist in your account. The resources must ' +
      "have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template for successful import. " +
      `The affected resources are ${unprotected.join(', ')}`,
  };
}

/** A change set of the type IMPORT takes the resources that the caller names, and changes nothing else. */
export async function namedImports(
  context: Context,
  call: Call,
  { RoleARN, ResourcesToImport = [] }: CreateChangeSetInput,
  { plan }: Prepared,
  changes: readonly StoredChange[],
): Promise<Imports> {
  const types = await context.types();
  const invoke = invokeAs(context, call, RoleARN);
  const imported: Record<string, Attributes> = {};
  for (const { LogicalResourceId: logicalId = '', ResourceType, ResourceIdentifier = {} } of ResourcesToImport) {
    const declaration = plan.resources.get(logicalId)?.declaration;
    const type = types.find(ResourceType ?? '');
    const refuse = (why: string) => validationError(`${logicalId} (${ResourceType}) cannot be imported: ${why}`);
    if (typeof type === 'string') throw refuse(type);
    if (type.provider?.find === undefined) throw refuse('the local cloud does not import this type');
    if (declaration === undefined || declaration.type !== ResourceType)
      throw refuse('the template has no such resource of that type');
    if (!declaration.hasDeletionPolicy) throw refuse('resources to import must have a DeletionPolicy');
    if (Object.keys(ResourceIdentifier).toSorted().join() !== type.spec.identifier.toSorted().join())
      throw refuse(`the identifier must have ${type.spec.identifier.join(', ')}`);
    if ((await find(context, invoke, type, ResourceIdentifier)) === undefined)
      throw refuse(`there is none of that identifier, ${JSON.stringify(ResourceIdentifier)}, outside of all stacks`);
    imported[logicalId] = ResourceIdentifier;
  }
  const other = changes.find(({ action, logicalId }) => action !== 'Add' || !Object.hasOwn(imported, logicalId));
  if (other !== undefined || Object.keys(imported).length === 0)
    throw validationError(
      `As part of the import operation, you cannot modify or add [${other?.logicalId ?? 'nothing'}]; it takes resources that exist, and nothing else`,
    );
  return { imported };
}

function identifierIn(properties: Readonly<Record<string, unknown>>, { spec }: ResourceType): Attributes | undefined {
  const pairs = spec.identifier.map((name) => [name, properties[name]] as const);
  const isStatic = pairs.length > 0 && pairs.every(([, value]) => typeof value === 'string');
  return isStatic ? (Object.fromEntries(pairs) as Record<string, string>) : undefined;
}

/** What is there and in no stack. */
async function find(
  { store, account }: Context,
  invoke: Invoke,
  { spec, provider }: ResourceType,
  identifier: Attributes,
): Promise<Attributes | undefined> {
  const found = await provider?.find?.({ ...account, identifier, invoke });
  const id = found && spec.ref.map((name) => found[name] ?? '').join('|');
  const isOwned = store
    .stacks()
    .some((stack) =>
      [...store.resources(stack.id).values()].some(({ type, now }) => type === spec.type && now?.id === id),
    );
  return isOwned ? undefined : found;
}
