import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import type { Generation } from '../../lib/fleet/generations.ts';
import type { FleetDevice } from '../../lib/fleet/read.ts';
import { fleetSettings } from '../../lib/fleet/settings.ts';
import { roomToRotate } from '../../lib/fleet/site-room.ts';
import { SiteStack } from '../../lib/site-stack.ts';
import { resourcesOf, siteOf, siteTemplate, testApp } from './synthesized.ts';

test('a device is a thing, a policy and a certificate', () => {
  const template = siteTemplate('kitchen-sensor', 'garage-door');
  template.resourceCountIs('AWS::IoT::Thing', 2);
  template.resourceCountIs('AWS::IoT::Policy', 2);
  template.resourceCountIs('Custom::DeviceCertificate', 2);
});

test('one function makes the certificates of all devices', () => {
  siteTemplate('a', 'b', 'c').resourceCountIs('AWS::Lambda::Function', 1);
});

test('logical ids come from the name of the device alone: a new one would mean a new key and a dead board', () => {
  const pinned = {
    'kitchen-sensor': ['kitchensensorThingF1237343', 'kitchensensorPolicyC15083F8', 'kitchensensorCertificate8B90D3C7'],
    'a-b': ['abThing712FB563', 'abPolicy46F07954', 'abCertificate9112492E'],
  };
  for (const [device, ids] of Object.entries(pinned)) {
    expect(Object.keys(resourcesOf(siteTemplate({ name: device, board: 'esp32' }, 'other')))).toEqual(
      expect.arrayContaining(ids),
    );
  }
});

test('names that differ in their hyphens alone have logical ids of their own', () => {
  const fixed = Object.keys(resourcesOf(siteTemplate())).length;
  expect(Object.keys(resourcesOf(siteTemplate('ab', 'a-b', 'a--b', '-ab', 'ab-')))).toHaveLength(fixed + 5 * 3);
});

test('a new device changes nothing of the others', () => {
  const before = resourcesOf(siteTemplate('kitchen-sensor', 'garage-door'));
  const after = resourcesOf(siteTemplate('attic', 'kitchen-sensor', 'garage-door'));
  expect(after).toMatchObject(before);
  expect(Object.keys(after).filter((id) => !(id in before))).toEqual([
    expect.stringMatching(/^atticThing/),
    expect.stringMatching(/^atticPolicy/),
    expect.stringMatching(/^atticCertificate/),
  ]);
});

test('revoking a device changes one property of its certificate', () => {
  const before = resourcesOf(siteTemplate('attic', 'shed'));
  const after = resourcesOf(siteTemplate('attic', { name: 'shed', revoked: true }));
  const changed = Object.keys(after).filter((id) => JSON.stringify(after[id]) !== JSON.stringify(before[id]));
  expect(changed).toEqual([expect.stringMatching(/^shedCertificate/)]);
  const [id = ''] = changed;
  expect(after[id]).toEqual({ ...before[id], Properties: { ...before[id]?.Properties, revoked: true } });
});

test('what is special about a device is a property of its certificate, and what is not is left out', () => {
  const propertiesOf = (device: Partial<FleetDevice>) => {
    const certificates = siteTemplate(device).findResources('Custom::DeviceCertificate');
    return (Object.values(certificates)[0] as { Properties: Record<string, unknown> }).Properties;
  };
  const plain = propertiesOf({ name: 'shed' });
  expect(Object.keys(plain)).toEqual(['ServiceToken', 'ServiceTimeout', 'device', 'parameterPath']);
  expect(propertiesOf({ name: 'shed', revoked: true })).toEqual({ ...plain, revoked: true });
  const csr = { path: 'shed.csr', pem: 'the request', publicKey: 'its key' };
  const of = (generation: Partial<Generation>) =>
    propertiesOf({ name: 'shed', generations: [{ number: 1, keyType: 'ec', ...generation }] });
  expect(of({ number: 2 })).toEqual({ ...plain, parameterPath: '/esp-fleet/home/shed/2', generation: 2 });
  expect(of({ keyType: 'rsa' })).toEqual({ ...plain, keyType: 'rsa' });
  expect(of({ csr })).toEqual({ ...plain, csr: 'the request' });
});

test('the function that makes certificates rings when it fails', () => {
  siteTemplate().hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^DeviceCertificates') } }],
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    AlarmDescription: Match.stringLikeRegexp('the site home .* bin/fleet doctor '),
  });
});

test('a stack with identities is protected from deletion, unless the fleet may be destroyed', () => {
  const stack = (settings: object) =>
    new SiteStack(testApp(), { site: siteOf('a'), fleetId: 'ours', settings: fleetSettings(settings) })
      .terminationProtection;
  expect(stack({})).toBe(true);
  expect(stack({ removal: 'destroy' })).toBe(false);
});

test('nothing about the account or region is looked up', () => {
  const stack = new SiteStack(testApp(), { site: siteOf('a'), fleetId: 'ours', settings: fleetSettings({}) });
  expect(stack.environment).toBe('aws://unknown-account/unknown-region');
});

test('165 devices fit, and the 166th is named together with the way out', () => {
  const names = Array.from({ length: 166 }, (_, index) => `${'x'.repeat(60)}-${index + 100}`.slice(-64));
  const full = siteTemplate(...names.slice(0, 165));
  expect(Object.keys(resourcesOf(full)).length).toBeLessThanOrEqual(500);
  // CloudFormation's other quota: 1 MB of template.
  expect(JSON.stringify(full.toJSON(), undefined, 1).length).toBeLessThan(1_000_000);

  expect(() => siteTemplate(...names)).toThrow(
    `fleet/home.yaml:167: no room for device "${names[165]}": one file is one CloudFormation stack of at most 500 ` +
      'resources; move it and what follows to a second fleet file',
  );
});

test('policies wait for each other, so that CloudFormation keeps to the rate of AWS IoT', () => {
  const names = Array.from({ length: 165 }, (_, index) => `device-${index}`);
  const waits = (...devices: string[]): Record<string, string[]> =>
    Object.fromEntries(
      Object.entries(resourcesOf(siteTemplate(...devices)))
        .filter(([, { Type }]) => Type === 'AWS::IoT::Policy')
        .map(([id, { DependsOn = [] }]) => [id, [DependsOn].flat()]),
    );
  const all = waits(...names);
  // Each policy is the last that at most one other waits for, and at most 32 wait for none.
  const waited = Object.values(all).flat();
  expect(new Set(waited).size).toBe(waited.length);
  expect(Object.values(all).filter(({ length }) => length === 0)).toHaveLength(165 - waited.length);
  expect(165 - waited.length).toBeLessThanOrEqual(32);
  const without = waits(...names.filter((name) => name !== 'device-80'));
  expect(Object.keys(without).filter((id) => without[id]?.[0] !== all[id]?.[0]).length).toBeLessThanOrEqual(1);
});

test.each([1, 150, 165])('of %i devices, as many can rotate at once as the room of a site says', (count) => {
  const room = roomToRotate({
    devices: Array.from({ length: count }, () => ({ generations: [{ number: 1, keyType: 'ec' }] })),
  });
  const two: Generation[] = [1, 2].map((number) => ({ number, keyType: 'ec' }));
  const devices = (rotating: number) =>
    Array.from({ length: count }, (_, index) => ({ name: `d${index}`, ...(index < rotating && { generations: two }) }));
  const most = Math.min(room, count);
  expect(Object.keys(resourcesOf(siteTemplate(...devices(most))))).toHaveLength(500 - room + most);
  if (room < count) expect(() => siteTemplate(...devices(room + 1))).toThrow(`${room} can rotate at once`);
});

test('no template holds anything secret', () => {
  const text = JSON.stringify(siteTemplate('a', 'b').toJSON());
  expect(text).not.toMatch(/PRIVATE KEY|BEGIN|SecretString|password/i);
  siteTemplate('a').hasResourceProperties('Custom::DeviceCertificate', {
    privateKeyPem: Match.absent(),
    certificatePem: Match.absent(),
  });
});

test('a device whose board makes its key is a thing that says so, a policy and a resource that removes what it gets', () => {
  const template = siteTemplate({ name: 'attic', enrols: true, generations: [{ number: 2, keyType: 'ec' }] });
  template.hasResourceProperties('AWS::IoT::Thing', { AttributePayload: { Attributes: { wants: '2' } } });
  template.hasResourceProperties('Custom::DeviceCertificate', {
    device: 'attic',
    thingName: Match.absent(),
    parameterPath: '/esp-fleet/home/attic',
    key: 'board',
    revoked: Match.absent(),
    generation: 2,
  });
  expect(Object.keys(resourcesOf(template))).toHaveLength(Object.keys(resourcesOf(siteTemplate('attic'))).length);
});

test('revoking such a device changes what its thing says, before what it has is revoked', () => {
  const [before, after] = [{}, { revoked: true }].map((state) =>
    resourcesOf(siteTemplate('shed', { name: 'attic', enrols: true, ...state })),
  );
  const changed = Object.keys(after ?? {}).filter((id) => JSON.stringify(after?.[id]) !== JSON.stringify(before?.[id]));
  expect(changed).toEqual([expect.stringMatching(/^atticThing/), expect.stringMatching(/^atticEnrolment/)]);
  const [thing = '', enrolment = ''] = changed;
  expect(after?.[thing]?.Properties).toMatchObject({ AttributePayload: { Attributes: { wants: 'revoked' } } });
  expect(after?.[enrolment]?.DependsOn).toContain(thing);
});

test('to make its key on the board changes the device alone', () => {
  const [before, after] = [{}, { enrols: true }].map((state) =>
    resourcesOf(siteTemplate('shed', { name: 'attic', ...state })),
  );
  const changed = Object.keys({ ...before, ...after }).filter(
    (id) => JSON.stringify(after?.[id]) !== JSON.stringify(before?.[id]),
  );
  expect(changed.filter((id) => !id.startsWith('attic'))).toEqual([]);
});
