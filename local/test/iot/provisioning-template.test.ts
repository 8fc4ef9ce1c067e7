import { describe, expect, it } from 'vitest';
import { evaluateTemplate } from '../../src/iot/provisioning/evaluate-template.ts';
import { parseTemplateBody } from '../../src/iot/provisioning/template-body.ts';

const ID = { Ref: 'AWS::IoT::Certificate::Id' };
const certificate = (more: object = {}, overrides?: object) => ({
  Type: 'AWS::IoT::Certificate',
  Properties: { CertificateId: ID, ...more },
  ...(overrides && { OverrideSettings: overrides }),
});
const thing = (properties: object, overrides?: object) => ({
  Type: 'AWS::IoT::Thing',
  Properties: properties,
  ...(overrides && { OverrideSettings: overrides }),
});
const policy = (properties: object) => ({ Type: 'AWS::IoT::Policy', Properties: properties });

const evaluated = (body: object, parameters: Record<string, string> = {}) =>
  evaluateTemplate(parseTemplateBody(JSON.stringify(body)), { 'AWS::IoT::Certificate::Id': 'c', ...parameters });

/** What a value of the device configuration becomes. */
const configured = (value: unknown): unknown =>
  evaluated(
    {
      Parameters: { place: { Type: 'String', Default: 'Seattle' }, list: { Type: 'String', Default: 'a,b' } },
      Mappings: { Places: { Seattle: { url: 'https://example.aws' } } },
      Resources: {},
      DeviceConfiguration: { value },
    },
    { place: 'Seattle' },
  ).deviceConfiguration.value;

describe('the functions of a provisioning template', () => {
  // DG, provision-template, "Intrinsic functions": these five, and Ref.
  it.each([
    [{ Ref: 'place' }, 'Seattle'],
    [{ Ref: 'list' }, 'a,b'],
    [{ 'Fn::Join': ['_', ['ThingPrefix', { Ref: 'place' }]] }, 'ThingPrefix_Seattle'],
    [{ 'Fn::Select': ['1', { 'Fn::Split': [',', { Ref: 'list' }] }] }, 'b'],
    [{ 'Fn::FindInMap': ['Places', { Ref: 'place' }, 'url'] }, 'https://example.aws'],
    [{ 'Fn::Sub': 'at ${place}' }, 'at Seattle'],
    [{ nested: [{ Ref: 'place' }, 1, true] }, { nested: ['Seattle', 1, true] }],
  ])('%j gives %j', (value, expected) => expect(configured(value)).toEqual(expected));

  it.each([
    [{ Ref: 'AWS::Region' }, 'Cannot resolve reference value: AWS::Region'],
    [{ Ref: 'toString' }, 'Cannot resolve reference value: toString'],
    [{ 'Fn::Sub': '${nobody}' }, 'Cannot resolve reference value: nobody'],
    [{ 'Fn::Sub': '${thing.Arn}' }, 'not one of provisioning templates'],
    [{ 'Fn::Select': ['2', ['a', 'b']] }, 'Fn::Select cannot select nonexistent value at index 2'],
    [{ 'Fn::FindInMap': ['Places', 'Berlin', 'url'] }, 'There is nothing in the mapping Places at Berlin, url'],
    [{ 'Fn::FindInMap': ['toString', 'a', 'b'] }, 'There is nothing in the mapping toString'],
    [{ 'Fn::FindInMap': ['Places', 'Seattle', 'toString'] }, 'There is nothing in the mapping Places at Seattle, toS'],
    [{ 'Fn::FindInMap': ['Places', '__proto__', 'toString'] }, 'There is nothing in the mapping Places at __proto__'],
    [{ 'Fn::Join': 'x' }, 'Fn::Join wants a list of 2 values'],
  ])('%j is refused when a device comes', (value, message) =>
    expect(() => configured(value)).toThrow(
      expect.objectContaining({ code: 'InvalidParameters', message: expect.stringContaining(message) as string }),
    ),
  );

  it.each(['Fn::GetAtt', 'Fn::If', 'Fn::Base64', 'Fn::ImportValue'])('%s is refused by its name at once', (name) =>
    expect(() => configured({ [name]: 'x' })).toThrow(`The template body is invalid: ${name} is none of Fn::Join`),
  );
});

describe('a body', () => {
  it('names thing, certificate and policies', () => {
    const document = { Version: '2012-10-17', Statement: [] };
    const {
      thing: board,
      certificate: cert,
      policies,
    } = evaluated({
      Resources: {
        thing: thing({ ThingName: 'kitchen', AttributePayload: { version: 'v1' } }, { AttributePayload: 'MERGE' }),
        certificate: certificate({ Status: 'INACTIVE', ThingPrincipalType: 'EXCLUSIVE_THING' }, { Status: 'REPLACE' }),
        named: policy({ PolicyName: 'boards' }),
        object: policy({ PolicyDocument: document }),
        text: policy({ PolicyDocument: JSON.stringify(document) }),
      },
    });
    expect(board).toMatchObject({
      name: 'kitchen',
      attributes: { version: 'v1' },
      overrides: { AttributePayload: 'MERGE' },
    });
    expect(cert).toMatchObject({ id: 'c', status: 'INACTIVE', principalType: 'EXCLUSIVE_THING' });
    expect(policies.map(({ logicalId, document: text }) => [logicalId, text])).toEqual([
      ['named', undefined],
      ['object', JSON.stringify(document)],
      ['text', JSON.stringify(document)],
    ]);
    expect(policies[1]?.name).toBe(policies[2]?.name);
  });

  it('makes the certificate ACTIVE by default, and attaches it to a thing not exclusively', () =>
    expect(evaluated({ Resources: { certificate: certificate() } }).certificate).toMatchObject({
      status: 'ACTIVE',
      principalType: undefined,
    }));

  it.each([
    ['a list', [], 'it is no JSON object'],
    ['no resources', {}, 'it has no Resources'],
    ['an unknown section', { Resources: {}, Outputs: {} }, 'Outputs is none of Parameters, Mappings, Resources'],
    ['a section that is no object', { Resources: [] }, 'Resources is no object'],
    ['a parameter of another type', { Resources: {}, Parameters: { n: { Type: 'Number' } } }, 'the parameter n is not'],
    ['a function in a mapping', { Resources: {}, Mappings: { m: { a: { b: ID } } } }, 'the mapping m is no object, or'],
    ['another type', { Resources: { r: { Type: 'AWS::IoT::TopicRule' } } }, 'the Type of r is none of AWS::IoT::Thing'],
    ['a type like a method', { Resources: { r: { Type: 'toString' } } }, 'the Type of r is none of'],
    ['an unknown member', { Resources: { r: { ...thing({}), DependsOn: 'x' } } }, 'r has an unknown member DependsOn'],
    ['an unknown property', { Resources: { r: thing({ Name: 'x' }) } }, 'r has an unknown property Name'],
    [
      'an unknown override',
      { Resources: { r: certificate({}, { Status: 'MERGE' }) } },
      'OverrideSettings of r: Status cannot be "MERGE"',
    ],
    [
      'an override like a method',
      { Resources: { r: certificate({}, { toString: 'FAIL' }) } },
      'OverrideSettings of r: toString cannot be "FAIL"',
    ],
    ['two things', { Resources: { a: thing({}), b: thing({}) } }, 'a and b are both of the type AWS::IoT::Thing'],
    ['a policy alone', { Resources: { p: policy({ PolicyName: 'x' }) } }, 'a policy needs a certificate'],
    [
      'a policy with name and document',
      { Resources: { c: certificate(), p: policy({ PolicyName: 'x', PolicyDocument: '{}' }) } },
      'Policy resources must define one property: PolicyName or PolicyDocument',
    ],
    [
      'a policy with neither',
      { Resources: { c: certificate(), p: policy({}) } },
      'Policy resources must define one property: PolicyName or PolicyDocument',
    ],
  ])('with %s is refused', (_, body, message) =>
    expect(() => parseTemplateBody(JSON.stringify(body))).toThrow(`The template body is invalid: ${message}`),
  );

  it.each(['ThingGroups', 'ThingTypeName', 'BillingGroup'])('with %s is refused by its name', (name) =>
    expect(() => parseTemplateBody(JSON.stringify({ Resources: { r: thing({ [name]: 'x' }) } }))).toThrow(
      `${name} of a provisioning template is not implemented`,
    ),
  );

  it.each(['CertificateSigningRequest', 'CertificatePem'])('with %s is refused by its name', (name) =>
    expect(() => parseTemplateBody(JSON.stringify({ Resources: { r: certificate({ [name]: 'x' }) } }))).toThrow(
      `${name} of a provisioning template is not implemented`,
    ),
  );

  it.each([
    ['no name of the thing', { thing: thing({}) }, 'ThingName is no text'],
    ['attributes that are no texts', { t: thing({ ThingName: 'x', AttributePayload: { n: 1 } }) }, 'AttributePayload'],
    ['a status of its own', { certificate: certificate({ Status: 'REVOKED' }) }, 'Status cannot be REVOKED'],
    ['a kind of its own', { c: certificate({ ThingPrincipalType: 'MINE' }) }, 'ThingPrincipalType cannot be MINE'],
  ])('with %s is refused when a device comes', (_, Resources, message) =>
    expect(() => evaluated({ Resources })).toThrow(message),
  );
});
