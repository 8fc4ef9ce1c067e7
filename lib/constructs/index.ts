/*
 * What `npm pack` makes a package of: the constructs without the fleet file, for any app of the AWS CDK.
 */
export { Device, type DeviceProps } from './device.ts';
export { Fleet, type FleetProps } from './fleet.ts';
export { Telemetry, type TelemetryProps } from './telemetry.ts';
