import { NotImplementedError } from '../../errors.ts';
import {
  type DeletionPolicy,
  type OutputDeclaration,
  type ParameterDeclaration,
  type ResourceDeclaration,
  type Rule,
  type Template,
  validationError,
} from './template.ts';
import { type Value, type ValueMap, isMap } from './value.ts';
import { readYaml } from './yaml.ts';

/** CloudFormation's quota of resources in one template. */
const MAX_RESOURCES = 500;
const SECTIONS = [
  ...['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Rules', 'Mappings', 'Conditions'],
  ...['Transform', 'Resources', 'Outputs'],
];
const RESOURCE_MEMBERS = [
  ...['Type', 'Properties', 'DependsOn', 'Condition', 'Metadata', 'DeletionPolicy', 'UpdateReplacePolicy'],
];
const NOT_HONOURED = ['CreationPolicy', 'UpdatePolicy'];
const DELETION_POLICIES: readonly string[] = ['Delete', 'Retain', 'RetainExceptOnCreate'] satisfies DeletionPolicy[];

/** Reads a template, JSON or YAML, and checks its form. Throws ValidationError with the place. */
export function parseTemplate(text: string): Template {
  const json = text.trimStart().startsWith('{') ? readJson(text) : readYaml(text);
  if (!isMap(json)) throw formatError('unsupported structure.');
  const unknown = Object.keys(json).filter((section) => !SECTIONS.includes(section));
  if (unknown.length > 0) throw formatError(`invalid template property or properties [${unknown.join(', ')}]`);
  if (json.Transform !== undefined) throw new NotImplementedError('the Transform section of a template');
  refuseNull(json, '');
  const resources = section(json, 'Resources', parseResource);
  const count = Object.keys(resources).length;
  if (count > MAX_RESOURCES)
    throw formatError(`Number of resources, ${count}, is greater than maximum allowed, ${MAX_RESOURCES}`);
  if (count === 0) throw formatError('at least one Resources member must be defined.');
  return {
    description: optionalText(json.Description, 'Description'),
    metadata: json.Metadata,
    parameters: section(json, 'Parameters', parseParameter),
    mappings: section(json, 'Mappings', parseMapping),
    conditions: section(json, 'Conditions', (condition) => condition),
    rules: section(json, 'Rules', parseRule),
    resources,
    outputs: section(json, 'Outputs', parseOutput),
  };
}

const formatError = (message: string) => validationError(`Template format error: ${message}`);

function readJson(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    throw formatError(`JSON not well-formed. (${(error as Error).message})`);
  }
}

function section<T>(json: ValueMap, name: string, parse: (value: Value, place: string) => T): Record<string, T> {
  const members = json[name] === undefined ? {} : mapAt(json[name], name);
  const named = name === 'Rules' || name === 'Mappings' ? /^.+$/ : /^[A-Za-z0-9]+$/;
  return Object.fromEntries(
    Object.entries(members).map(([id, value]) => {
      if (!named.test(id)) throw formatError(`${name}/${id}: a name is made of letters and digits only.`);
      return [id, parse(value, `${name}/${id}`)];
    }),
  );
}

/** Two levels of names above texts or lists of them (User Guide, "Mappings"). */
function parseMapping(value: Value, place: string): ValueMap {
  const mapping = mapAt(value, place);
  for (const [top, members] of Object.entries(mapping)) {
    for (const member of Object.values(mapAt(members, `${place}/${top}`)))
      for (const each of Array.isArray(member) ? member : [member])
        if (typeof each === 'object') throw formatError('Every Mappings attribute must be a String or a List.');
  }
  return mapping;
}

function parseResource(value: Value, place: string): ResourceDeclaration {
  const json = mapAt(value, place);
  for (const member of Object.keys(json)) {
    if (NOT_HONOURED.includes(member)) throw new NotImplementedError(`${member} (${place})`);
    if (!RESOURCE_MEMBERS.includes(member)) throw formatError(`${place}: invalid resource attribute ${member}.`);
  }
  if (typeof json.Type !== 'string') throw formatError(`${place}: every resource must have a Type.`);
  const dependsOn = json.DependsOn ?? [];
  return {
    type: json.Type,
    properties: mapAt(json.Properties ?? {}, `${place}/Properties`),
    dependsOn: typeof dependsOn === 'string' ? [dependsOn] : textList(dependsOn, `${place}/DependsOn`),
    condition: optionalText(json.Condition, `${place}/Condition`),
    metadata: json.Metadata,
    deletionPolicy: policy(json.DeletionPolicy, `${place}/DeletionPolicy`, DELETION_POLICIES) as DeletionPolicy,
    hasDeletionPolicy: json.DeletionPolicy !== undefined,
    updateReplacePolicy: policy(json.UpdateReplacePolicy, `${place}/UpdateReplacePolicy`, ['Delete', 'Retain']) as
      'Delete' | 'Retain',
  };
}

function policy(value: Value | undefined, place: string, allowed: readonly string[]): string {
  const policy = optionalText(value, place) ?? 'Delete';
  if (policy === 'Snapshot') throw new NotImplementedError(`Snapshot (${place})`);
  if (!allowed.includes(policy)) throw formatError(`${place}: ${policy} is none of ${allowed.join(', ')}.`);
  return policy;
}

function parseParameter(value: Value, place: string): ParameterDeclaration {
  const json = mapAt(value, place);
  if (typeof json.Type !== 'string') throw formatError(`${place}: every parameter must have a Type.`);
  return json as unknown as ParameterDeclaration;
}

function parseRule(value: Value, place: string): Rule {
  const { RuleCondition, Assertions = [] } = mapAt(value, place);
  if (!Array.isArray(Assertions)) throw formatError(`${place}/Assertions must be a list.`);
  return {
    condition: RuleCondition,
    assertions: Assertions.map((assertion, index) => {
      const { Assert, AssertDescription } = mapAt(assertion, `${place}/Assertions/${index}`);
      if (Assert === undefined) throw formatError(`${place}/Assertions/${index} has no Assert.`);
      return {
        assert: Assert,
        description: typeof AssertDescription === 'string' ? AssertDescription : 'no description',
      };
    }),
  };
}

function parseOutput(value: Value, place: string): OutputDeclaration {
  const json = mapAt(value, place);
  if (json.Value === undefined) throw formatError(`${place}: every output must have a Value.`);
  const exported = json.Export === undefined ? undefined : mapAt(json.Export, `${place}/Export`);
  return {
    value: json.Value,
    description: optionalText(json.Description, `${place}/Description`),
    condition: optionalText(json.Condition, `${place}/Condition`),
    exportName: exported?.Name,
  };
}

function mapAt(value: Value, place: string): ValueMap {
  if (!isMap(value)) throw formatError(`${place} must be an object.`);
  return value;
}

function optionalText(value: Value | undefined, place: string): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw formatError(`${place} must be a string.`);
  return value;
}

function textList(value: Value, place: string): string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw formatError(`${place} must be a string or a list of strings.`);
  return value;
}

function refuseNull(value: Value, place: string): void {
  if (value === null) throw formatError(`[${place}] 'null' values are not allowed in templates`);
  if (typeof value !== 'object') return;
  for (const [name, member] of Object.entries(value)) refuseNull(member, `${place}/${name}`);
}
