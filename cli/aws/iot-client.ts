import { IoTClient } from '@aws-sdk/client-iot';
import { patience } from './patience.ts';

/** AWS IoT's control plane: things, certificates, policies. */
export const iot = new IoTClient(patience);
