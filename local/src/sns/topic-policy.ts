const ACTIONS = ['AddPermission', 'DeleteTopic', 'GetTopicAttributes', 'ListSubscriptionsByTopic', 'Publish'];
const MORE = ['RemovePermission', 'SetTopicAttributes', 'Subscribe'];

/** The policy that AWS gives a topic which has none of its own: it lets CloudWatch publish for the account. */
export const defaultTopicPolicy = (topicArn: string): string =>
  JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [...ACTIONS, ...MORE].map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { 'AWS:SourceOwner': topicArn.split(':')[4] } },
      },
    ],
  });
