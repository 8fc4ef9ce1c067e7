import { createHash } from 'node:crypto';
import { type Scope, evaluate } from '../../cloudformation/template/intrinsics.ts';
import { type Value, type ValueMap, isMap, known } from '../../cloudformation/template/value.ts';
import { AwsError, NotImplementedError } from '../../errors.ts';
import type { Declaration, TemplateBody } from './template-body.ts';

/** What a template makes for one device, with all its functions evaluated. */
export interface Provisioning {
  readonly thing: ThingPlan | undefined;
  readonly certificate: CertificatePlan | undefined;
  readonly policies: readonly PolicyPlan[];
  readonly deviceConfiguration: ValueMap;
}

interface Plan {
  readonly logicalId: string;
  readonly overrides: Declaration['overrides'];
}

export interface ThingPlan extends Plan {
  readonly name: string;
  /** Undefined where the template says nothing of them. */
  readonly attributes: Readonly<Record<string, string>> | undefined;
}

export interface CertificatePlan extends Plan {
  readonly id: string;
  readonly status: string;
  readonly principalType: string | undefined;
}

export interface PolicyPlan extends Plan {
  readonly name: string;
  /** Undefined for a policy that has to be there. */
  readonly document: string | undefined;
}

export const CERTIFICATE_ID = 'AWS::IoT::Certificate::Id';

export const invalidParameters = (message: string): AwsError => new AwsError('InvalidParameters', message, 400);

/** @param given what the device gave and the hook added. Throws InvalidParameters. */
export function evaluateTemplate(body: TemplateBody, given: Readonly<Record<string, string>>): Provisioning {
  const scope = scopeOf(body, given);
  const evaluated = (value: Value): Value => {
    try {
      return known(evaluate(value, scope) ?? null);
    } catch (error) {
      if (!(error instanceof AwsError) || error instanceof NotImplementedError) throw error;
      throw invalidParameters(error.message);
    }
  };
  const { thing, certificate, policies, deviceConfiguration } = body;
  return {
    thing: thing && thingPlan(thing, evaluated),
    certificate: certificate && certificatePlan(certificate, evaluated),
    policies: policies.map((policy) => policyPlan(policy, evaluated)),
    deviceConfiguration: evaluated(deviceConfiguration) as ValueMap,
  };
}

function scopeOf({ parameters, mappings }: TemplateBody, given: Readonly<Record<string, string>>): Scope {
  const refused = (): never => {
    throw invalidParameters('this function is not one of provisioning templates'); // the body has been checked for it
  };
  return {
    ref: (name) => {
      const isDeclared = name === CERTIFICATE_ID || Object.hasOwn(parameters, name);
      const value = isDeclared ? (Object.hasOwn(given, name) ? given[name] : parameters[name]) : undefined;
      // As AWS said it of AWS::Region, which is none of the parameters here.
      if (value === undefined) throw invalidParameters(`Cannot resolve reference value: ${name}`);
      return value;
    },
    mapping: (map, top, second) => {
      // A device names what it likes, such as what every object has.
      const member = (of: Value | undefined, name: string): Value | undefined =>
        of !== undefined && isMap(of) && Object.hasOwn(of, name) ? of[name] : undefined;
      const value = member(member(member(mappings, map), top), second);
      if (value === undefined) throw invalidParameters(`There is nothing in the mapping ${map} at ${top}, ${second}`);
      return value;
    },
    attribute: refused,
    condition: refused,
    importValue: refused,
    stackOutput: refused,
  };
}

type Evaluated = (value: Value) => Value;

function text(value: Value | undefined, what: string): string {
  if (typeof value !== 'string' || value === '') throw invalidParameters(`${what} is no text`);
  return value;
}

function thingPlan({ logicalId, properties, overrides }: Declaration, evaluated: Evaluated): ThingPlan {
  const { ThingName = null, AttributePayload } = properties;
  const attributes = AttributePayload === undefined ? undefined : evaluated(AttributePayload);
  if (
    attributes !== undefined &&
    (!isMap(attributes) || Object.values(attributes).some((one) => typeof one !== 'string'))
  )
    throw invalidParameters('AttributePayload is no object of names and texts');
  return {
    logicalId,
    overrides,
    name: text(evaluated(ThingName), 'ThingName'),
    attributes: attributes as Record<string, string> | undefined,
  };
}

function certificatePlan({ logicalId, properties, overrides }: Declaration, evaluated: Evaluated): CertificatePlan {
  const { CertificateId = null, Status = 'ACTIVE', ThingPrincipalType } = properties;
  // The guide's own example says "Active".
  const status = text(evaluated(Status), 'Status').toUpperCase();
  if (status !== 'ACTIVE' && status !== 'INACTIVE') throw invalidParameters(`Status cannot be ${status}`);
  const principalType =
    ThingPrincipalType === undefined ? undefined : text(evaluated(ThingPrincipalType), 'ThingPrincipalType');
  if (principalType !== undefined && !/^(?:NON_)?EXCLUSIVE_THING$/.test(principalType))
    throw invalidParameters(`ThingPrincipalType cannot be ${principalType}`);
  return { logicalId, overrides, id: text(evaluated(CertificateId), 'CertificateId'), status, principalType };
}

function policyPlan({ logicalId, properties, overrides }: Declaration, evaluated: Evaluated): PolicyPlan {
  const { PolicyName, PolicyDocument } = properties;
  if (PolicyName !== undefined)
    return { logicalId, overrides, name: text(evaluated(PolicyName), 'PolicyName'), document: undefined };
  const value = evaluated(PolicyDocument ?? null);
  const document = typeof value === 'string' ? value : JSON.stringify(value);
  // "Defaults to a hash of the policy document"; which one is not said.
  return { logicalId, overrides, document, name: createHash('sha256').update(document).digest('hex') };
}
