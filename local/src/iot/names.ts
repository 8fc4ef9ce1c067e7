import { AwsError } from '../errors.ts';
import type { Account } from '../service.ts';

/** The service that assumes the role of a rule's action. */
export const IOT_PRINCIPAL = 'iot.amazonaws.com';

/** The ARN of a resource of AWS IoT, e.g. `thing/kitchen` or `topicfilter/cmd/#`. */
export const iotArn = ({ region, id }: Account, resource: string): string => `arn:aws:iot:${region}:${id}:${resource}`;

export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message, 400);
export const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message, 404);
export const alreadyExists = (message: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', message, 409);

// AWS IoT API Reference: patterns and lengths of the members of that name.
const NAMES = {
  thingName: /^[a-zA-Z0-9:_-]{1,128}$/,
  policyName: /^[\w+=,.@-]{1,128}$/,
  ruleName: /^[a-zA-Z0-9_]{1,128}$/,
  templateName: /^[0-9A-Za-z_-]{1,36}$/,
  certificateId: /^[a-f0-9]{64}$/,
} as const;

/** Throws InvalidRequest unless the value is a name of that kind. */
export function checkName(kind: keyof typeof NAMES, value: string | undefined): string {
  if (value === undefined || !NAMES[kind].test(value))
    throw invalidRequest(`${kind} ${JSON.stringify(value ?? '')} is not of the form ${NAMES[kind].source}`);
  return value;
}

/** The id in the ARN of a certificate of this account. Throws InvalidRequest for any other principal or target. */
export function certificateIdIn(account: Account, arn: string | undefined): string {
  const prefix = iotArn(account, 'cert/');
  if (!arn?.startsWith(prefix))
    throw invalidRequest(`${JSON.stringify(arn ?? '')} is not the ARN of a certificate (${prefix}...)`);
  return checkName('certificateId', arn.slice(prefix.length));
}
