import { expect, it } from 'vitest';
import { parseTemplate } from '../../../src/cloudformation/template/parse-template.ts';

const resources = { A: { Type: 'AWS::SQS::Queue' } };
const parse = (template: object) => () => parseTemplate(JSON.stringify(template));

it('fills in what a resource leaves out', () => {
  expect(parse({ Resources: resources })().resources.A).toEqual({
    type: 'AWS::SQS::Queue',
    properties: {},
    dependsOn: [],
    condition: undefined,
    metadata: undefined,
    deletionPolicy: 'Delete',
    hasDeletionPolicy: false,
    updateReplacePolicy: 'Delete',
  });
});

it.each<[object, string]>([
  [[], 'unsupported structure'],
  [{}, 'at least one Resources member must be defined'],
  [{ Resources: resources, Resource: {} }, 'invalid template property or properties [Resource]'],
  [
    { Resources: resources, Transform: 'AWS::Serverless-2016-10-31' },
    'the Transform section of a template is not implemented',
  ],
  // User Guide, "Mappings": names at two levels, and below them texts or lists of them.
  [
    { Resources: resources, Mappings: { Map: { top: { second: { third: 'x' } } } } },
    'Every Mappings attribute must be a String or a List.',
  ],
  [
    { Resources: resources, Mappings: { Map: { top: { second: [{ third: 'x' }] } } } },
    'Every Mappings attribute must be a String or a List.',
  ],
  [{ Resources: { 'a-b': resources.A } }, 'Resources/a-b: a name is made of letters and digits only'],
  [{ Resources: { A: {} } }, 'Resources/A: every resource must have a Type'],
  [{ Resources: { A: { ...resources.A, Propertys: {} } } }, 'Resources/A: invalid resource attribute Propertys'],
  [{ Resources: { A: { ...resources.A, CreationPolicy: {} } } }, 'CreationPolicy (Resources/A) is not implemented'],
  [
    { Resources: { A: { ...resources.A, DeletionPolicy: 'Keep' } } },
    'Keep is none of Delete, Retain, RetainExceptOnCreate',
  ],
  [
    { Resources: { A: { ...resources.A, DeletionPolicy: 'Snapshot' } } },
    'Snapshot (Resources/A/DeletionPolicy) is not implemented',
  ],
  [
    { Resources: { A: { ...resources.A, DependsOn: 1 } } },
    'Resources/A/DependsOn must be a string or a list of strings',
  ],
  [
    { Resources: { A: { ...resources.A, Properties: { x: null } } } },
    "[/Resources/A/Properties/x] 'null' values are not allowed",
  ],
  [{ Resources: resources, Outputs: { O: {} } }, 'Outputs/O: every output must have a Value'],
  [{ Resources: resources, Parameters: { P: {} } }, 'Parameters/P: every parameter must have a Type'],
  [
    { Resources: Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`A${n}`, resources.A])) },
    'Number of resources, 501, is greater than maximum allowed, 500',
  ],
])('refuses %j', (template, message) => {
  expect(parse(template)).toThrow(message);
});

it('says where JSON is not well-formed', () => {
  expect(() => parseTemplate('{"Resources": ')).toThrow('JSON not well-formed');
});
