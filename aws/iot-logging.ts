import { GetV2LoggingOptionsCommand } from '@aws-sdk/client-iot';
import { iot } from './clients.ts';
import { unlessGone } from './gone.ts';

/** What an account has set for AWS IoT's own logs. */
interface IotLogging {
  /** Whether errors are logged: every level but DISABLED has them. */
  readonly isOn: boolean;
  /** Of the role that writes them, once somebody has set one. */
  readonly roleArn?: string | undefined;
}

/** Off where nobody has set it, or the older settings are in use (Developer Guide, "Configure AWS IoT logging"). */
export async function iotLogging(): Promise<IotLogging> {
  const isUnset = (error: unknown) => (error as Error).name === 'NotConfiguredException';
  const { defaultLogLevel, disableAllLogs, roleArn } =
    (await unlessGone(iot.send(new GetV2LoggingOptionsCommand({})), isUnset)) ?? {};
  const isOn = defaultLogLevel !== undefined && defaultLogLevel !== 'DISABLED' && disableAllLogs !== true;
  return { isOn, roleArn };
}
