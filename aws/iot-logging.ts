import { GetV2LoggingOptionsCommand } from '@aws-sdk/client-iot';
import { iot } from './clients.ts';

/** What an account has set for AWS IoT's own logs. */
export interface IotLogging {
  /** Whether errors are logged: every level but DISABLED has them. */
  readonly isOn: boolean;
  /** Of the role that writes them, once somebody has set one. */
  readonly roleArn?: string | undefined;
}

/** Off where nobody has set it, or the older settings are in use (Developer Guide, "Configure AWS IoT logging"). */
export async function iotLogging(): Promise<IotLogging> {
  try {
    const { defaultLogLevel, disableAllLogs, roleArn } = await iot.send(new GetV2LoggingOptionsCommand({}));
    const isOn = defaultLogLevel !== undefined && defaultLogLevel !== 'DISABLED' && disableAllLogs !== true;
    return { isOn, roleArn };
  } catch (error) {
    if (error instanceof Error && error.name === 'NotConfiguredException') return { isOn: false };
    throw error;
  }
}
