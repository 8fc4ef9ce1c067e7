import { alarm, dashboard } from './cloudwatch.ts';
import { table } from './dynamodb.ts';
import { repository } from './ecr.ts';
import { oidcProvider } from './iam-oidc-provider.ts';
import { inlinePolicy, managedPolicy } from './iam-policy.ts';
import { role } from './iam-role.ts';
import { policy, thing, topicRule } from './iot.ts';
import { certificate, policyPrincipalAttachment, thingPrincipalAttachment } from './iot-certificate.ts';
import { provisioningTemplate } from './iot-provisioning.ts';
import { lambdaFunction, permission } from './lambda.ts';
import { logGroup } from './logs.ts';
import { provider, type ResourceProvider } from './provider.ts';
import { bucket, bucketPolicy } from './s3.ts';
import { subscription, topic, topicPolicy } from './sns.ts';
import { queue, queuePolicy } from './sqs.ts';
import { parameter } from './ssm.ts';

/** CDK's note of the constructs that a stack uses, for AWS's statistics: there is nothing to make. */
const cdkMetadata = provider<{ readonly Analytics?: string }>({
  properties: ['Analytics'],
  create: async ({ name, created }) => created({ Id: name({ max: 128 }) }),
  update: async () => {},
  delete: async () => {},
});

/** The resource types that this cloud can make, beside custom resources. */
export const PROVIDERS: Readonly<Record<string, ResourceProvider>> = {
  'AWS::CDK::Metadata': cdkMetadata,
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::Dashboard': dashboard,
  'AWS::DynamoDB::Table': table,
  'AWS::ECR::Repository': repository,
  'AWS::IAM::ManagedPolicy': managedPolicy,
  'AWS::IAM::OIDCProvider': oidcProvider,
  'AWS::IAM::Policy': inlinePolicy,
  'AWS::IAM::Role': role,
  'AWS::IoT::Certificate': certificate,
  'AWS::IoT::Policy': policy,
  'AWS::IoT::PolicyPrincipalAttachment': policyPrincipalAttachment,
  'AWS::IoT::ProvisioningTemplate': provisioningTemplate,
  'AWS::IoT::Thing': thing,
  'AWS::IoT::ThingPrincipalAttachment': thingPrincipalAttachment,
  'AWS::IoT::TopicRule': topicRule,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': permission,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
  'AWS::SNS::Subscription': subscription,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
  'AWS::SSM::Parameter': parameter,
};
