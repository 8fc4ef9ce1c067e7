import { Construct } from 'constructs';
import { FunctionErrorsAlarm } from '../device/function-errors-alarm.ts';
import { DeviceCertificateFunction } from '../device/device-certificate-function.ts';
import { type FleetNames, NAME_PATTERN, NAME_RULE } from '../fleet/names.ts';
import type { FleetSettings } from '../fleet/schema.ts';
import type { Telemetry } from './telemetry.ts';

export interface FleetProps {
  /** What takes the messages of the devices; it may stand in another stack. */
  readonly telemetry: Telemetry;
  /**
   * The name of these devices together: 1 to 64 of a-z, 0-9 and "-". Their identities lie in the SSM Parameter Store
   * below `/esp-fleet/<site>/`; no other Fleet of the account and region may have the same.
   */
  readonly site: string;
}

/**
 * Devices that belong together, and the function that makes, revokes and deletes their certificates. A stack has room for
 * some 165 of them, with three resources each.
 *
 * @throws {Error} for a name that is not allowed
 */
export class Fleet extends Construct {
  /** @internal */
  readonly _site: {
    readonly name: string;
    readonly names: FleetNames;
    readonly settings: FleetSettings;
    readonly certificates: DeviceCertificateFunction;
    /** Whose key a public key is, and whose certificate the one with an id. */
    readonly keys: Map<string, string>;
  };

  constructor(scope: Construct, id: string, { telemetry, site }: FleetProps) {
    super(scope, id);
    if (!NAME_PATTERN.test(site))
      throw new Error(`${this.node.path}: site ${JSON.stringify(site)} is not valid; allowed: ${NAME_RULE}`);
    const { names, settings } = telemetry._fleet;
    const certificates = new DeviceCertificateFunction(this, 'DeviceCertificates', {
      site: { name: site, names },
      kmsKey: settings.kmsKey,
    });
    new FunctionErrorsAlarm(this, 'CertificateErrors', {
      site,
      function: certificates.function,
      task: 'makes the device certificates',
    });
    this._site = { name: site, names, settings, certificates, keys: new Map() };
  }
}
