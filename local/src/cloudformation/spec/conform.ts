import { type Resolved, type ResolvedMap, UNKNOWN, isMap } from '../template/value.ts';
import {
  type PropertySpecs,
  type PropertyType,
  type ResourceSpec,
  type ResourceSpecs,
  isCustom,
} from './resource-spec.ts';

/** Properties in the types that AWS's data says, and what is wrong with them: one line each, with property and type. */
export interface Conformed {
  readonly properties: ResolvedMap;
  readonly problems: readonly string[];
}

/**
 * Checks properties against AWS's data as CloudFormation does: unknown and missing ones, primitive types, allowed values.
 * As there, text that is a number or a boolean passes as one, and the other way round.
 */
export function conform(specs: ResourceSpecs, spec: ResourceSpec, properties: ResolvedMap): Conformed {
  const problems: string[] = [];
  const context = { specs, type: spec.type, problems };
  // A custom resource takes any property beside those that AWS knows.
  const open = isCustom(spec.type);
  return { properties: conformMembers(context, spec.properties, properties, '', open), problems };
}

interface Context {
  readonly specs: ResourceSpecs;
  readonly type: string;
  readonly problems: string[];
}

function conformMembers(
  context: Context,
  specs: PropertySpecs,
  members: ResolvedMap,
  place: string,
  open = false,
): ResolvedMap {
  const result: ResolvedMap = {};
  for (const [name, value] of Object.entries(members)) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec) result[name] = conformValue(context, spec.type, value, place + name);
    else if (open) result[name] = value;
    else {
      const allowed = Object.keys(specs).sort().join(', ');
      context.problems.push(`Encountered unsupported property ${place}${name} of ${context.type}; it has ${allowed}`);
    }
  }
  for (const [name, spec] of Object.entries(specs))
    if (spec.required && !(name in members))
      context.problems.push(`Property ${place}${name} of ${context.type} is required`);
  return result;
}

function conformValue(context: Context, type: PropertyType, value: Resolved, place: string): Resolved {
  if (value === UNKNOWN) return value;
  const wrong = (wanted: string): Resolved => {
    context.problems.push(`Value of property ${place} of ${context.type} must be ${wanted}`);
    return value;
  };
  const oneOf = (result: string | number, allowed: readonly (string | number)[] | undefined): Resolved =>
    !allowed || allowed.includes(result) ? result : wrong(`one of ${allowed.join(', ')}`);
  switch (type.type) {
    case 'string':
    case 'date-time':
      return typeof value === 'object'
        ? wrong('of type String')
        : oneOf(String(value), type.type === 'string' ? type.allowedValues : undefined);
    case 'integer':
    case 'number': {
      const number = isNumeric(value) ? Number(value) : NaN;
      if (type.type === 'number') return Number.isFinite(number) ? number : wrong('of type Number');
      return Number.isInteger(number) ? oneOf(number, type.allowedValues) : wrong('of type Integer');
    }
    case 'boolean':
      if (typeof value === 'boolean') return value;
      return value === 'true' || value === 'false' ? value === 'true' : wrong('of type Boolean');
    case 'json':
      return typeof value === 'object' && value !== null ? value : wrong('an object or a list');
    case 'null':
      return value === null ? value : wrong('null');
    case 'tag':
      return conformMembers(context, TAG, objectAt(value, wrong), `${place}.`);
    case 'array':
      if (!Array.isArray(value)) return wrong('of type List');
      return value.map((item, index) => conformValue(context, type.element, item, `${place}[${index}]`));
    case 'map':
      return Object.fromEntries(
        Object.entries(objectAt(value, wrong)).map(([key, item]) => [
          key,
          conformValue(context, type.element, item, `${place}.${key}`),
        ]),
      );
    case 'ref':
      return conformMembers(context, context.specs.members(type), objectAt(value, wrong), `${place}.`);
    case 'union':
      return conformUnion(context, type.types, value, place);
  }
}

/** The first type that fits; when none does, what the last one says, since AWS's data puts the plainest there. */
function conformUnion(context: Context, types: readonly PropertyType[], value: Resolved, place: string): Resolved {
  let problems: string[] = [];
  for (const type of types) {
    problems = [];
    const result = conformValue({ ...context, problems }, type, value, place);
    if (problems.length === 0) return result;
  }
  context.problems.push(...problems);
  return value;
}

const TAG: PropertySpecs = {
  Key: { type: { type: 'string' }, required: true },
  Value: { type: { type: 'string' }, required: true },
};

const isNumeric = (value: Resolved): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');

function objectAt(value: Resolved, wrong: (wanted: string) => Resolved): ResolvedMap {
  if (isMap(value)) return value;
  wrong('an object');
  return {};
}
