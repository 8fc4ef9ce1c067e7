import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { IotCloud } from './iot-cloud.ts';

/** One for all tests of a file. */
export let cloud: IotCloud;

/** Of a thing, policy or whatever, new for each test. */
export let name: string;

let n = 0;

/** Starts a cloud before the tests of a file. */
export function useRegistryCloud(): void {
  beforeAll(async () => {
    cloud = await IotCloud.start();
  });
  afterAll(() => cloud.stop());
  beforeEach(() => {
    name = `name-${(n += 1)}`;
  });
}

export const refusedWith = (code: string, message: string | RegExp = /./): object => ({
  code,
  message: expect.stringMatching(message) as string,
});

/** A policy that lets somebody connect. */
export const document = (resource = '*'): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iot:Connect', Resource: resource } });
