const allow = (actions: string | readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

const reads = (...services: readonly string[]): string[] =>
  services.flatMap((service) => [`${service}:Describe*`, `${service}:Get*`, `${service}:List*`]);

/**
 * AWS's own managed policies that can be attached here. ReadOnlyAccess names thousands of actions; these are the ones of the
 * services that exist here. Any other ARN is refused when it is attached.
 */
export const AWS_MANAGED_POLICIES: Readonly<Record<string, string>> = {
  'arn:aws:iam::aws:policy/AdministratorAccess': allow('*'),
  // AWS Managed Policy Reference, AWSIoTThingsRegistration, version 3.
  'arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration': allow(
    [
      ...['AddThingToThingGroup', 'AttachPolicy', 'AttachPrincipalPolicy', 'AttachThingPrincipal'],
      ...['CreateCertificateFromCsr', 'CreatePolicy', 'CreateThing', 'DescribeCertificate', 'DescribeThing'],
      ...['DescribeThingGroup', 'DescribeThingType', 'DetachPolicy', 'DetachThingPrincipal', 'GetPolicy'],
      ...['ListAttachedPolicies', 'ListPolicyPrincipals', 'ListPrincipalPolicies', 'ListPrincipalThings'],
      ...['ListTargetsForPolicy', 'ListThingGroupsForThing', 'ListThingPrincipals', 'RegisterCertificate'],
      ...['RegisterThing', 'RemoveThingFromThingGroup', 'UpdateCertificate', 'UpdateThing'],
      ...['UpdateThingGroupsForThing', 'AddThingToBillingGroup', 'DescribeBillingGroup', 'RemoveThingFromBillingGroup'],
    ].map((action) => `iot:${action}`),
  ),
  'arn:aws:iam::aws:policy/ReadOnlyAccess': allow([
    ...reads('cloudformation', 'cloudwatch', 'dynamodb', 'ecr', 'iam', 'iot', 'lambda', 'logs', 's3', 'sqs', 'ssm'),
    ...['dynamodb:Query', 'dynamodb:Scan', 'logs:FilterLogEvents', 'sts:GetCallerIdentity'],
  ]),
  // AWS Managed Policy Reference.
  'arn:aws:iam::aws:policy/AWSCloudFormationReadOnlyAccess': allow([
    ...reads('cloudformation'),
    ...['BatchDescribe*', 'EstimateTemplateCost', 'ValidateTemplate', 'Detect*'].map(
      (name) => `cloudformation:${name}`,
    ),
  ]),
  'arn:aws:iam::aws:policy/service-role/AWSIoTLogging': allow([
    ...['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:PutMetricFilter'],
    ...['logs:PutRetentionPolicy', 'logs:GetLogEvents', 'logs:DeleteLogStream'],
  ]),
  // "Provides write permissions to CloudWatch Logs."
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': allow(
    ['CreateLogGroup', 'CreateLogStream', 'PutLogEvents'].map((name) => `logs:${name}`),
  ),
};
