import type { Parameter } from '@aws-sdk/client-cloudformation';
import { NotImplementedError } from '../../errors.ts';
import { type ParameterDeclaration, type Template, validationError } from './template.ts';
import type { Value } from './value.ts';

/** A parameter of a stack as it was given, and what it stands for. */
export interface StackParameter {
  readonly key: string;
  readonly value: string;
  /** What the SSM parameter that it names held when the operation began. */
  readonly resolved: string | undefined;
  /** NoEcho: shown as asterisks. */
  readonly hidden: boolean;
}

const TYPES = ['String', 'Number', 'List<Number>', 'CommaDelimitedList', 'AWS::SSM::Parameter::Name'];
const SSM_VALUE = /^AWS::SSM::Parameter::Value<(String|List<String>|CommaDelimitedList)>$/;

/** Asks the SSM Parameter Store for the values of these names; throws for one that is not there. */
export type ReadSsm = (names: string[]) => Promise<ReadonlyMap<string, string>>;

/**
 * The parameters of a stack: what the caller gives, what the stack had before where the caller says so, else the defaults.
 * Throws ValidationError for one that is missing, not declared, or not what its declaration allows.
 */
export async function resolveParameters(
  template: Template,
  given: readonly Parameter[],
  previous: readonly StackParameter[],
  readSsm: ReadSsm,
): Promise<StackParameter[]> {
  const undeclared = given
    .map(({ ParameterKey = '' }) => ParameterKey)
    .filter((key) => !Object.hasOwn(template.parameters, key));
  if (undeclared.length > 0)
    throw validationError(`Parameters: [${undeclared.join(', ')}] do not exist in the template`);
  const values = new Map<string, string>();
  const missing: string[] = [];
  for (const [key, declaration] of Object.entries(template.parameters)) {
    const value = valueOf(key, declaration, given, previous);
    if (value === undefined) missing.push(key);
    else values.set(key, checked(key, value, declaration));
  }
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  const names = [...values].filter(([key]) => isSsm(template.parameters[key])).map(([, name]) => name);
  const found = names.length > 0 ? await readSsm([...new Set(names)]) : undefined;
  return [...values].map(([key, value]) => {
    const declaration = template.parameters[key];
    return {
      key,
      value,
      resolved: isSsm(declaration) ? found?.get(value) : undefined,
      hidden: String(declaration?.NoEcho ?? false) === 'true',
    };
  });
}

const isSsm = (declaration: ParameterDeclaration | undefined): boolean => SSM_VALUE.test(declaration?.Type ?? '');

/** What Ref gives for a parameter: a list for the list types, else its text. */
export function parameterValue(declaration: ParameterDeclaration, { value, resolved }: StackParameter): Value {
  const text = resolved ?? value;
  return /List/.test(declaration.Type) ? text.split(',').map((item) => item.trim()) : text;
}

function valueOf(
  key: string,
  declaration: ParameterDeclaration,
  given: readonly Parameter[],
  previous: readonly StackParameter[],
): string | undefined {
  const own = given.find(({ ParameterKey }) => ParameterKey === key);
  if (own?.UsePreviousValue) return previous.find((parameter) => parameter.key === key)?.value;
  return own?.ParameterValue ?? (declaration.Default === undefined ? undefined : String(declaration.Default));
}

function checked(key: string, value: string, declaration: ParameterDeclaration): string {
  if (!TYPES.includes(declaration.Type) && !isSsm(declaration))
    throw new NotImplementedError(`the parameter type ${declaration.Type} (parameter ${key})`);
  const fail = (what: string) => {
    const why = declaration.ConstraintDescription ?? what;
    return validationError(`Parameter ${key} failed to satisfy constraint: ${why}`);
  };
  const numeric = declaration.Type === 'Number' || declaration.Type === 'List<Number>';
  const items = /List/.test(declaration.Type) ? value.split(',').map((item) => item.trim()) : [value];
  if (numeric && !items.every((item) => item !== '' && Number.isFinite(Number(item))))
    throw validationError(
      `Parameter validation failed: parameter value ${value} for parameter name ${key} is not a number`,
    );
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue } = declaration;
  for (const item of items) {
    if (AllowedValues && !AllowedValues.some((allowed) => String(allowed) === item))
      throw fail(`must be one of [${AllowedValues.join(', ')}]`);
    if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(item))
      throw fail(`must match pattern ${AllowedPattern}`);
    if (MinLength !== undefined && item.length < Number(MinLength))
      throw fail(`must have at least ${MinLength} characters`);
    if (MaxLength !== undefined && item.length > Number(MaxLength))
      throw fail(`must have at most ${MaxLength} characters`);
    if (numeric && MinValue !== undefined && Number(item) < Number(MinValue))
      throw fail(`must be at least ${MinValue}`);
    if (numeric && MaxValue !== undefined && Number(item) > Number(MaxValue)) throw fail(`must be at most ${MaxValue}`);
  }
  return value;
}
