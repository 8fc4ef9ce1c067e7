import { NotImplementedError } from '../../errors.ts';
import { validationError } from './template.ts';
import { type Resolved, type ResolvedMap, UNKNOWN, type Value, type ValueMap, hasUnknown, isMap } from './value.ts';

/** What the names in a template stand for. Every member throws ValidationError for a name that it does not know. */
export interface Scope {
  /** A parameter, pseudo parameter or resource; undefined for AWS::NoValue. */
  ref(name: string): Resolved | undefined;
  attribute(logicalId: string, name: string): Resolved;
  condition(name: string): boolean;
  mapping(map: string, top: string, second: string): Value;
  importValue(exportName: string): Value;
  stackOutput(stackName: string, output: string): Value;
}

const templateError = (message: string) => validationError(`Template error: ${message}`);

/** Evaluates all intrinsic functions in a value. Undefined when the value is AWS::NoValue. Throws ValidationError. */
export function evaluate(value: Value, scope: Scope): Resolved | undefined {
  if (typeof value === 'string' && value.includes('{{resolve:'))
    throw new NotImplementedError(`the dynamic reference ${value}`);
  if (Array.isArray(value))
    return value.map((item) => evaluate(item, scope)).filter((item): item is Resolved => item !== undefined);
  if (!isMap(value)) return value;
  const call = functionCall(value);
  if (call) return apply(call.name, call.argument, scope);
  const map: ResolvedMap = {};
  for (const [name, member] of Object.entries(value)) {
    const evaluated = evaluate(member, scope);
    if (evaluated !== undefined) map[name] = evaluated;
  }
  return map;
}

function functionCall(map: ValueMap): { name: string; argument: Value } | undefined {
  const names = Object.keys(map);
  const name = names.find((key) => key === 'Ref' || key.startsWith('Fn::'));
  if (name === undefined || (name === 'Ref' && names.length > 1)) return undefined;
  if (names.length > 1) throw templateError(`${name} stands beside other members: ${names.join(', ')}`);
  return { name, argument: map[name] as Value };
}

function apply(name: string, argument: Value, scope: Scope): Resolved | undefined {
  switch (name) {
    case 'Ref':
      return scope.ref(text(argument, 'Ref'));
    case 'Fn::If': {
      const [condition, yes, no] = list(argument, name, 3);
      return evaluate((scope.condition(text(condition, name)) ? yes : no) as Value, scope);
    }
    case 'Fn::Sub':
      return sub(argument, scope);
  }
  const strict = STRICT[name];
  if (!strict) throw templateError(`${name} is not a function that the local cloud knows`);
  const evaluated = evaluate(argument, scope);
  if (evaluated === undefined) throw templateError(`the argument of ${name} is AWS::NoValue`);
  return name !== 'Fn::GetAtt' && hasUnknown(evaluated) ? UNKNOWN : strict(evaluated, scope);
}

/** The functions whose arguments are evaluated first, and that give no answer while one of them is unknown. */
const STRICT: Readonly<Record<string, (argument: Resolved, scope: Scope) => Resolved>> = {
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...path] = typeof argument === 'string' ? argument.split('.') : list(argument, 'Fn::GetAtt');
    return scope.attribute(text(logicalId, 'Fn::GetAtt'), path.map((part) => text(part, 'Fn::GetAtt')).join('.'));
  },
  'Fn::Join': (argument) => {
    const [delimiter, values] = list(argument, 'Fn::Join', 2);
    return list(values, 'Fn::Join')
      .map((value) => text(value, 'Fn::Join'))
      .join(text(delimiter, 'Fn::Join'));
  },
  'Fn::Split': (argument) => {
    const [delimiter, value] = list(argument, 'Fn::Split', 2);
    return text(value, 'Fn::Split').split(text(delimiter, 'Fn::Split'));
  },
  'Fn::Select': (argument) => {
    const [index, values] = list(argument, 'Fn::Select', 2);
    const at = text(index, 'Fn::Select');
    const value = list(values, 'Fn::Select')[/^\d+$/.test(at) ? Number(at) : -1];
    if (value === undefined) throw templateError(`Fn::Select cannot select nonexistent value at index ${at}`);
    return value;
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, top, second] = list(argument, 'Fn::FindInMap', 3).map((part) => text(part, 'Fn::FindInMap'));
    return scope.mapping(map ?? '', top ?? '', second ?? '');
  },
  'Fn::Base64': (argument) => Buffer.from(text(argument, 'Fn::Base64')).toString('base64'),
  'Fn::ImportValue': (argument, scope) => scope.importValue(text(argument, 'Fn::ImportValue')),
  'Fn::GetStackOutput': (argument, scope) => {
    if (!isMap(argument)) throw templateError('Fn::GetStackOutput wants an object');
    const { StackName, OutputName, Region, RoleArn, ...others } = argument;
    const [other] = [...Object.keys(others), ...(RoleArn === undefined ? [] : ['RoleArn'])];
    if (other !== undefined) throw new NotImplementedError(`${other} of Fn::GetStackOutput`);
    if (Region !== undefined && Region !== scope.ref('AWS::Region'))
      throw new NotImplementedError('Fn::GetStackOutput from another Region');
    return scope.stackOutput(text(StackName, 'Fn::GetStackOutput'), text(OutputName, 'Fn::GetStackOutput'));
  },
  'Fn::GetAZs': () => {
    throw new NotImplementedError('Fn::GetAZs');
  },
};

/** `${Name}`, `${Name.Attribute}`, a variable of the function's own map, or `${!Literal}`. */
function sub(argument: Value, scope: Scope): Resolved {
  const [template, variables = {}]: Value[] = Array.isArray(argument) ? list(argument, 'Fn::Sub', 2) : [argument];
  if (typeof template !== 'string' || !isMap(variables))
    throw templateError('Fn::Sub wants a string, or a string and a map of variables');
  const own = evaluate(variables, scope) as ResolvedMap;
  let unknown = false;
  const text = template.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    const value = substitute(name.trim(), own, scope);
    unknown ||= value === UNKNOWN;
    if (value === undefined || typeof value === 'object') throw templateError(`Fn::Sub: \${${name}} is not a string`);
    return String(value);
  });
  return unknown ? UNKNOWN : text;
}

function substitute(name: string, own: ResolvedMap, scope: Scope): Resolved | undefined {
  if (Object.hasOwn(own, name)) return own[name];
  const dot = name.indexOf('.');
  return dot === -1 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1));
}

/** Whether a condition holds: an expression of the Conditions section, or of a rule. Throws ValidationError. */
export function holds(expression: Value, scope: Scope): boolean {
  const [name, argument] = isMap(expression) ? (Object.entries(expression)[0] ?? []) : [];
  const operands = (): boolean[] => list(argument ?? null, String(name)).map((operand) => holds(operand, scope));
  switch (name) {
    case 'Condition':
      return scope.condition(text(argument, name));
    case 'Fn::And':
      return operands().every(Boolean);
    case 'Fn::Or':
      return operands().some(Boolean);
    case 'Fn::Not':
      return !operands()[0];
    case 'Fn::Equals': {
      const [left, right] = list(evaluate(argument ?? null, scope) ?? null, name, 2).map((side) => text(side, name));
      return left === right;
    }
    case 'Fn::Contains': {
      const [values, value] = list(evaluate(argument ?? null, scope) ?? null, name, 2);
      return list(values, name).includes(value as Resolved);
    }
    default:
      throw templateError(
        `${name ?? JSON.stringify(expression)} is not a condition function that the local cloud knows`,
      );
  }
}

function list<T extends Resolved>(value: T | undefined, where: string, length?: number): (T & Resolved)[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length))
    throw templateError(`${where} wants a list${length === undefined ? '' : ` of ${length} values`}`);
  return value as (T & Resolved)[];
}

function text(value: Resolved | undefined, where: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw templateError(
    `${where} wants a string where it has ${value === UNKNOWN ? 'a value not known yet' : JSON.stringify(value)}`,
  );
}
