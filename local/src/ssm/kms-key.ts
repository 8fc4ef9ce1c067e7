import { AwsError } from '../errors.ts';
import type { Account, Call } from '../service.ts';

const KEY_ID = /^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * The ARN of a customer-managed key of this account and region. There is no AWS KMS here: a key that is named counts as there,
 * and allows whom IAM allows. Throws InvalidKeyId for what is no key.
 */
export function kmsKeyArn({ id, region }: Account, key: string): string {
  const prefix = `arn:aws:kms:${region}:${id}:key/`;
  const keyId = key.startsWith(prefix) ? key.slice(prefix.length) : key;
  if (!KEY_ID.test(keyId))
    throw new AwsError('InvalidKeyId', `KeyId ${key} is the id or the ARN of no key of this account and region.`);
  return `${prefix}${keyId}`;
}

/**
 * SSM asks AWS KMS in the name of its caller, and binds the value to its parameter (Systems Manager User Guide, "AWS KMS
 * encryption for AWS Systems Manager Parameter Store SecureString parameters").
 */
export function authorizeKey(
  call: Call,
  action: 'kms:Encrypt' | 'kms:Decrypt',
  key: string,
  parameterArn: string,
): void {
  call.authorize(action, key, {
    'kms:ViaService': `ssm.${call.region}.amazonaws.com`,
    'kms:EncryptionContext:PARAMETER_ARN': parameterArn,
  });
}
