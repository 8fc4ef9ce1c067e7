import { expect, test } from 'vitest';
import { compare } from '../../../cli/review/compare.ts';
import type { Span } from '../../../cli/review/document.ts';
import { deviceParts } from '../../../cli/review/report-devices.ts';
import { assemblyOf } from './assemblies.ts';

/* What a review says of devices whose boards make their keys. */

const attic = { name: 'attic', enrols: true } as const;
const second = { ...attic, generations: [{ number: 2, keyType: 'ec' as const }] };

function review(before: object | undefined, after: object | undefined) {
  const [then, now] = [before, after].map((device) => assemblyOf({ home: ['shed', ...(device ? [device] : [])] }));
  if (then === undefined || now === undefined) throw new Error('two sides');
  const { devices, dangers } = compare(then, now);
  const text = (span: Span) => (typeof span === 'string' ? span : 'code' in span ? span.code : span.strong);
  const parts = deviceParts(devices).map((part) => ('block' in part ? part.block : part.map(text).join('')));
  const ofDevices = dangers.filter(({ type }) => type === 'device');
  return {
    parts,
    dangers: ofDevices.map(({ what, irreversible, consequence }) => ({ what, irreversible, consequence })),
  };
}

test('added: how it comes to its identity', () => {
  expect(review(undefined, attic)).toEqual({
    parts: ['added attic to home; once deployed, it waits for its board: bin/fleet enrol attic'],
    dangers: [],
  });
});

test('a newer generation wanted: the board works on with the one before', () => {
  expect(review(attic, second)).toEqual({
    parts: [
      're-keyed attic in home: generations 1 → 2; its board makes a new key, and works on with the one before until then',
    ],
    dangers: [],
  });
});

test('from the one kind of key to the other, either way: the board is without an identity until it has the new one', () => {
  const dangers = [
    {
      what: 're-keyed',
      irreversible: true,
      consequence: 'its certificates are deleted; the board cannot connect until it has the new one',
    },
  ];
  expect(review({ name: 'attic' }, attic)).toEqual({
    parts: [
      're-keyed attic in home: key made by the deployment → board; once deployed, it waits for its board: bin/fleet enrol attic',
    ],
    dangers,
  });
  expect(review(attic, { name: 'attic' })).toEqual({
    parts: ['re-keyed attic in home: key made by the board → deployment'],
    dangers,
  });
});

test('removed, and revoked: no later deployment brings back what it had', () => {
  expect(review(attic, undefined).dangers).toEqual([
    { what: 'deleted', irreversible: true, consequence: 'its certificates go; the board cannot connect any more' },
  ]);
  expect(review(attic, { ...attic, revoked: true }).dangers).toEqual([
    {
      what: 'revoked',
      irreversible: true,
      consequence: 'final: no deployment and no rollback makes the certificate valid again',
    },
  ]);
});
