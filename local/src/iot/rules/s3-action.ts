import type { S3Action } from '@aws-sdk/client-iot';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { NotImplementedError } from '../../errors.ts';
import { type Templates, outputBytes, required } from './action-members.ts';
import type { RuleAction } from './rule-action.ts';

/** The `s3` action: what the statement selected as an object, bytes as they are (DG, s3-rule-action). */
export function s3Action(shape: S3Action, template: Templates): RuleAction {
  // Nothing here but policies says who may read an object.
  if (shape.cannedAcl !== undefined && shape.cannedAcl !== 'private')
    throw new NotImplementedError(`cannedAcl ${shape.cannedAcl} of the s3 action`);
  const resource = required('s3', 'bucketName', shape.bucketName);
  const [bucket, key] = [template(resource), template(required('s3', 'key', shape.key))];
  return {
    name: 'S3Action',
    resource,
    roleArn: required('s3', 'roleArn', shape.roleArn),
    call: (input) => {
      const put: PutObjectCommandInput = { Bucket: bucket(input), Key: key(input), Body: outputBytes(input) };
      return { service: 's3', operation: 'PutObject', input: put };
    },
  };
}
