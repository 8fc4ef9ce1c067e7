import { iotLogging } from '../../aws/iot-logging.ts';
import { type Finding, note } from './finding.ts';

const ROLE = 'aws-iot-logs';
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** For an account that has no role for the logs of AWS IoT. "AWSIoTLogging" is AWS's own policy for them. */
const MAKE_ROLE = [
  `aws iam create-role --role-name ${ROLE} --assume-role-policy-document '${TRUST}'`,
  `aws iam attach-role-policy --role-name ${ROLE} --policy-arn arn:aws:iam::aws:policy/service-role/AWSIoTLogging`,
];
const MADE_ROLE = `"$(aws iam get-role --role-name ${ROLE} --query Role.Arn --output text)"`;

/**
 * What there is to say about AWS IoT's own logs: without them an error in the SQL of a rule leaves no sign but the alarm
 * on messages that became no row.
 */
export async function loggingFindings(): Promise<Finding[]> {
  const { isOn, roleArn: role } = await iotLogging();
  if (isOn) return [];
  const setOptions = `aws iot set-v2-logging-options --role-arn ${role ?? MADE_ROLE} --default-log-level ERROR --no-disable-all-logs`;
  const commands = [...(role === undefined ? MAKE_ROLE : []), setOptions];
  const why = 'the logs of AWS IoT are off, and nothing else names an error in the SQL of a rule';
  return [note(undefined, `${why}; to switch them on, run: ${commands.join(' && ')}`)];
}
