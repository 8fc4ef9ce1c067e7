import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEVICE_MUTATIONS } from '../../prove/mutations/device-mutations.ts';
import { ENROLMENT_MUTATIONS } from '../../prove/mutations/enrolment-mutations.ts';
import { TELEMETRY_MUTATIONS } from '../../prove/mutations/telemetry-mutations.ts';
import { WATCHING_MUTATIONS } from '../../prove/mutations/watching-mutations.ts';

test('each mutation finds its place in the code, once', () => {
  const astray = [...DEVICE_MUTATIONS, ...ENROLMENT_MUTATIONS, ...TELEMETRY_MUTATIONS, ...WATCHING_MUTATIONS].filter(
    ({ file, find }) => readFileSync(file, 'utf8').split(find).length !== 2,
  );
  expect(astray).toEqual([]);
});
