import type { FleetDevice } from './read.ts';

/** CloudFormation's quota of resources in one stack. */
export const RESOURCES_A_STACK = 500;

/** Of the stack of a site, beside its devices: the certificate function with role and log group, and its alarm. */
const RESOURCES_A_SITE = 4;

/** Thing, policy and first generation. */
const RESOURCES_A_DEVICE = 3;

/** How many more devices of a site can have a second generation at once. The stack itself says so when there are more. */
export function roomToRotate({ devices }: { readonly devices: readonly Pick<FleetDevice, 'generations'>[] }): number {
  const seconds = devices.reduce((sum, { generations }) => sum + generations.length - 1, 0);
  return RESOURCES_A_STACK - RESOURCES_A_SITE - RESOURCES_A_DEVICE * devices.length - seconds;
}
