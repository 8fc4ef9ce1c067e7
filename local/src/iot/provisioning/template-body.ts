import { NotImplementedError } from '../../errors.ts';
import { invalidRequest } from '../names.ts';
import { type Value, type ValueMap, isMap } from '../../cloudformation/template/value.ts';

/** The body of a provisioning template after its form has been checked (DG, provision-template). */
export interface TemplateBody {
  /** The default of each, where it has one. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly mappings: ValueMap;
  readonly thing: Declaration | undefined;
  readonly certificate: Declaration | undefined;
  readonly policies: readonly Declaration[];
  readonly deviceConfiguration: ValueMap;
}

export interface Declaration {
  readonly logicalId: string;
  readonly properties: ValueMap;
  readonly overrides: Readonly<Record<string, string>>;
}

const MOST_CHARACTERS = 10_240;
const SECTIONS = ['Parameters', 'Mappings', 'Resources', 'DeviceConfiguration'];
/** DG, provision-template, "Intrinsic functions". */
const FUNCTIONS = ['Fn::Join', 'Fn::Select', 'Fn::FindInMap', 'Fn::Split', 'Fn::Sub'];

interface Kind {
  readonly properties: readonly string[];
  /** What AWS has besides. */
  readonly unsupported: readonly string[];
  readonly overrides: Readonly<Record<string, readonly string[]>>;
}

const OVERRIDES = ['DO_NOTHING', 'REPLACE', 'FAIL'];
const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::IoT::Thing': {
    properties: ['ThingName', 'AttributePayload'],
    unsupported: ['ThingTypeName', 'ThingGroups', 'BillingGroup', 'PackageVersions'],
    overrides: {
      AttributePayload: [...OVERRIDES, 'MERGE'],
      ThingTypeName: OVERRIDES,
      ThingGroups: [...OVERRIDES, 'MERGE'],
    },
  },
  // ThingPrincipalType as in the example of DG, provision-wo-cert.
  'AWS::IoT::Certificate': {
    properties: ['CertificateId', 'Status', 'ThingPrincipalType'],
    unsupported: ['CertificateSigningRequest', 'CertificatePem', 'CACertificatePem'],
    overrides: { Status: OVERRIDES },
  },
  'AWS::IoT::Policy': { properties: ['PolicyName', 'PolicyDocument'], unsupported: [], overrides: {} },
};

// The first sentence is AWS's, as badmintoncryer/cdk-preflight saw it.
const invalid = (why: string) => invalidRequest(`The template body is invalid: ${why}`);

/** Reads a body. Throws InvalidRequest, or NotImplemented with the name of what AWS has and the local cloud has not. */
export function parseTemplateBody(text: string | undefined): TemplateBody {
  if (text === undefined || text.length > MOST_CHARACTERS)
    throw invalid(`it has ${text?.length ?? 0} characters; 1 to ${MOST_CHARACTERS} are allowed`);
  const body = sections(text);
  const { Parameters = {}, Mappings = {}, Resources, DeviceConfiguration = {} } = body;
  if (Resources === undefined) throw invalid('it has no Resources');
  checkFunctions(Resources);
  checkFunctions(DeviceConfiguration);
  const declared = Object.entries(Resources).map(([logicalId, value]) => declaration(logicalId, value));
  const of = (type: string): Declaration[] => declared.filter((each) => each.type === type);
  const one = (type: string): Declaration | undefined => {
    const [first, second] = of(type);
    if (second) throw invalid(`${first?.logicalId} and ${second.logicalId} are both of the type ${type}`);
    return first;
  };
  const [thing, certificate] = [one('AWS::IoT::Thing'), one('AWS::IoT::Certificate')];
  const policies = of('AWS::IoT::Policy');
  if (policies.length > 0 && !certificate) throw invalid('a policy needs a certificate');
  return {
    parameters: Object.fromEntries(Object.entries(Parameters).map(([name, value]) => [name, defaultOf(name, value)])),
    mappings: Object.fromEntries(Object.entries(Mappings).map(([name, value]) => [name, mapping(name, value)])),
    thing,
    certificate,
    policies,
    deviceConfiguration: DeviceConfiguration,
  };
}

function sections(text: string): Readonly<Record<string, ValueMap>> {
  let body: Value;
  try {
    body = JSON.parse(text) as Value;
  } catch {
    throw invalid('it is no JSON');
  }
  if (!isMap(body)) throw invalid('it is no JSON object');
  for (const [name, section] of Object.entries(body)) {
    if (!SECTIONS.includes(name)) throw invalid(`${name} is none of ${SECTIONS.join(', ')}`);
    if (!isMap(section)) throw invalid(`${name} is no object`);
  }
  return body as Readonly<Record<string, ValueMap>>;
}

function defaultOf(name: string, value: Value): string | undefined {
  if (!isMap(value) || value.Type !== 'String') throw invalid(`the parameter ${name} is not of the Type "String"`);
  const { Default } = value;
  if (Default !== undefined && typeof Default !== 'string') throw invalid(`the Default of ${name} is no string`);
  return Default;
}

/** "You cannot include parameters, pseudo parameters, or call intrinsic functions." */
function mapping(name: string, value: Value): ValueMap {
  if (!isMap(value) || /"(?:Ref|Fn::\w+)":/.test(JSON.stringify(value)))
    throw invalid(`the mapping ${name} is no object, or has a function in it`);
  return value;
}

function declaration(logicalId: string, value: Value): Declaration & { readonly type: string } {
  const { Type = null, Properties = {}, OverrideSettings = {}, ...others } = isMap(value) ? value : {};
  const type = typeof Type === 'string' ? Type : '';
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (!kind) throw invalid(`the Type of ${logicalId} is none of ${Object.keys(KINDS).join(', ')}`);
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(`${logicalId} has an unknown member ${other}`);
  if (!isMap(Properties) || !isMap(OverrideSettings))
    throw invalid(`Properties or OverrideSettings of ${logicalId} are no object`);
  for (const name of Object.keys(Properties)) {
    if (kind.unsupported.includes(name)) throw new NotImplementedError(`${name} of a provisioning template`);
    if (!kind.properties.includes(name)) throw invalid(`${logicalId} has an unknown property ${name}`);
  }
  for (const [name, action] of Object.entries(OverrideSettings)) {
    const allowed = Object.hasOwn(kind.overrides, name) ? kind.overrides[name] : undefined;
    if (typeof action !== 'string' || !allowed?.includes(action))
      throw invalid(`OverrideSettings of ${logicalId}: ${name} cannot be ${JSON.stringify(action)}`);
  }
  if (type === 'AWS::IoT::Policy' && Object.keys(Properties).length !== 1)
    throw invalid('Policy resources must define one property: PolicyName or PolicyDocument');
  return {
    type,
    logicalId,
    properties: Properties,
    overrides: OverrideSettings as Record<string, string>,
  };
}

function checkFunctions(value: Value): void {
  if (Array.isArray(value)) return value.forEach(checkFunctions);
  if (!isMap(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (name.startsWith('Fn::') && !FUNCTIONS.includes(name))
      throw invalid(`${name} is none of ${FUNCTIONS.join(', ')}, Ref`);
    checkFunctions(member);
  }
}
