import type * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { AwsError, NotImplementedError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import { type Tags, withoutTags } from '../tags.ts';
import type { LogGroup, LogStore } from './log-store.ts';

// API Reference, PutRetentionPolicy.
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const MOST = 50;

export function logGroupOperations(store: LogStore): Operations<typeof sdk> {
  const resource = ({ logGroupName }: { logGroupName?: string | undefined }): string => store.resource(logGroupName);
  const change = (group: LogGroup, settings: Partial<LogGroup>) =>
    store.groups.set(group.name, { ...group, ...settings });
  // An answer names a group by an ARN with `:*` at its end; TagResource takes it without.
  const tagged = (arn = ''): LogGroup => store.group(arn.replace(/:\*$/, '').split(':').slice(6).join(':'));
  const tag = (arn: string | undefined, edit: (tags: Tags) => Tags): void => {
    const group = tagged(arn);
    return change(group, { tags: edit(group.tags) });
  };
  return {
    CreateLogGroup: {
      takes: ['logGroupName', 'tags', 'logGroupClass'],
      resource,
      handle: ({ logGroupName: name = '', tags = {}, logGroupClass = 'STANDARD' }) => {
        if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name))
          throw new AwsError('InvalidParameterException', `The log group name ${name} is not valid.`);
        if (logGroupClass !== 'STANDARD')
          throw new NotImplementedError(`logGroupClass ${logGroupClass} of logs:CreateLogGroup`);
        if (store.groups.has(name))
          throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
        store.groups.set(name, { name, created: Date.now(), retentionInDays: undefined, tags });
      },
    },
    DescribeLogGroups: {
      takes: ['logGroupNamePrefix', 'limit', 'nextToken'],
      resource: () => store.resource(),
      handle: ({ logGroupNamePrefix = '', limit = MOST, nextToken: token }) => {
        const found = [...store.groups.values()].filter(({ name }) => name.startsWith(logGroupNamePrefix));
        const { items, next } = pageOf(found, ({ name }) => name, { limit, token });
        return {
          logGroups: items.map(({ name, created, retentionInDays }) => ({
            logGroupName: name,
            creationTime: created,
            retentionInDays,
            arn: `${store.groupArn(name)}:*`,
            logGroupArn: store.groupArn(name),
            logGroupClass: 'STANDARD' as const,
          })),
          nextToken: next,
        };
      },
    },
    PutRetentionPolicy: {
      resource,
      handle: ({ logGroupName, retentionInDays = 0 }) => {
        const group = store.group(logGroupName);
        if (!RETENTION_DAYS.includes(retentionInDays))
          throw new AwsError(
            'InvalidParameterException',
            `retentionInDays must be one of ${RETENTION_DAYS.join(', ')}.`,
          );
        return change(group, { retentionInDays });
      },
    },
    DeleteRetentionPolicy: {
      resource,
      handle: ({ logGroupName }) => change(store.group(logGroupName), { retentionInDays: undefined }),
    },
    DeleteLogGroup: {
      resource,
      handle: ({ logGroupName }) => store.deleteGroup(store.group(logGroupName).name),
    },
    TagResource: {
      resource: ({ resourceArn = '' }) => resourceArn,
      handle: ({ resourceArn, tags: added }) => tag(resourceArn, (tags) => ({ ...tags, ...added })),
    },
    UntagResource: {
      resource: ({ resourceArn = '' }) => resourceArn,
      handle: ({ resourceArn, tagKeys }) => tag(resourceArn, (tags) => withoutTags(tags, tagKeys)),
    },
    ListTagsForResource: {
      resource: ({ resourceArn = '' }) => resourceArn,
      handle: ({ resourceArn }) => ({ tags: tagged(resourceArn).tags }),
    },
  };
}
