const allow = (actions: string | readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

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
    'cloudformation:Describe*',
    'cloudformation:Get*',
    'cloudformation:List*',
    'cloudwatch:Describe*',
    'cloudwatch:Get*',
    'cloudwatch:List*',
    'dynamodb:Describe*',
    'dynamodb:Get*',
    'dynamodb:List*',
    'dynamodb:Query',
    'dynamodb:Scan',
    'ecr:Describe*',
    'ecr:Get*',
    'ecr:List*',
    'iam:Get*',
    'iam:List*',
    'iot:Describe*',
    'iot:Get*',
    'iot:List*',
    'lambda:Get*',
    'lambda:List*',
    'logs:Describe*',
    'logs:FilterLogEvents',
    'logs:Get*',
    's3:Get*',
    's3:List*',
    'sqs:Get*',
    'sqs:List*',
    'ssm:Describe*',
    'ssm:Get*',
    'ssm:List*',
    'sts:GetCallerIdentity',
  ]),
  // AWS Managed Policy Reference.
  'arn:aws:iam::aws:policy/AWSCloudFormationReadOnlyAccess': allow([
    'cloudformation:Describe*',
    'cloudformation:BatchDescribe*',
    'cloudformation:EstimateTemplateCost',
    'cloudformation:Get*',
    'cloudformation:List*',
    'cloudformation:ValidateTemplate',
    'cloudformation:Detect*',
  ]),
  'arn:aws:iam::aws:policy/service-role/AWSIoTLogging': allow([
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'logs:PutMetricFilter',
    'logs:PutRetentionPolicy',
    'logs:GetLogEvents',
    'logs:DeleteLogStream',
  ]),
  // "Provides write permissions to CloudWatch Logs."
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': allow([
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ]),
};
