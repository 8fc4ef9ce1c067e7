import * as sdk from '@aws-sdk/client-iot';
import { AwsError } from '../errors.ts';
import type { Operations } from '../service.ts';
import type { State } from '../state/state.ts';
import { IOT_PRINCIPAL, invalidRequest } from './names.ts';

type Options = Pick<sdk.SetV2LoggingOptionsRequest, 'roleArn' | 'defaultLogLevel' | 'disableAllLogs'>;

const THE_ONE = 'options';
const LEVELS: readonly string[] = Object.values(sdk.LogLevel);

const optionsIn = (state: State) => state.collection<Options>('iot.loggingOptions');

/** Whether AWS IoT writes errors to CloudWatch Logs: every level but DISABLED has them. */
export function logsErrors(state: State): boolean {
  const options = optionsIn(state).get(THE_ONE);
  return options !== undefined && options.disableAllLogs !== true && options.defaultLogLevel !== 'DISABLED';
}

/**
 * What AWS IoT writes to CloudWatch Logs. Here that is what the broker refuses; what the rules do wrong is told in the log of
 * the local cloud.
 */
export function loggingOperations(state: State): Operations<typeof sdk> {
  const kept = optionsIn(state);
  return {
    SetV2LoggingOptions: {
      takes: ['roleArn', 'defaultLogLevel', 'disableAllLogs'],
      resource: () => '*',
      handle: (input, call) => {
        const options = { ...kept.get(THE_ONE), ...given(input) };
        const { roleArn, defaultLogLevel } = options;
        if (roleArn === undefined) throw invalidRequest('roleArn is missing');
        if (defaultLogLevel !== undefined && !LEVELS.includes(defaultLogLevel))
          throw invalidRequest(`defaultLogLevel is ${defaultLogLevel}; allowed are ${LEVELS.join(', ')}`);
        call.authorize('iam:PassRole', roleArn, { 'iam:PassedToService': IOT_PRINCIPAL });
        kept.set(THE_ONE, options);
      },
    },
    GetV2LoggingOptions: {
      takes: [],
      resource: () => '*',
      handle: () => {
        const options = kept.get(THE_ONE);
        // Until somebody has set them, or where the older settings are in use (Developer Guide, configure-logging).
        if (!options) throw new AwsError('NotConfiguredException', 'The resource is not configured.', 404);
        return { disableAllLogs: false, ...options };
      },
    },
  };
}

const given = (input: Options): Options =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
