import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs';
import { provider, unlessGone } from './provider.ts';
import { changeTags, type Tag, tagMap } from './tag-changes.ts';

interface LogGroupProperties {
  readonly LogGroupName?: string;
  readonly LogGroupClass?: LogGroupClass;
  readonly RetentionInDays?: number;
  readonly Tags?: Tag[];
}

export const logGroup = provider<LogGroupProperties>({
  properties: ['LogGroupName', 'LogGroupClass', 'RetentionInDays', 'Tags'],
  async create({ properties, invoke, name, created, id, region }) {
    const logGroupName = properties.LogGroupName ?? name({ max: 512 });
    await invoke('logs', 'CreateLogGroup', {
      logGroupName,
      logGroupClass: properties.LogGroupClass,
      tags: properties.Tags && tagMap(properties.Tags),
    });
    // With `:*` at the end, as the template reference says: that is what policies name to allow its streams.
    const attributes = created({
      LogGroupName: logGroupName,
      Arn: `arn:aws:logs:${region}:${id}:log-group:${logGroupName}:*`,
    });
    const retentionInDays = properties.RetentionInDays;
    if (retentionInDays !== undefined) await invoke('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    return attributes;
  },
  async update({ properties, old, invoke, attributes }) {
    if (properties.LogGroupClass !== old.LogGroupClass)
      throw new Error('the LogGroupClass of an AWS::Logs::LogGroup cannot be changed');
    const logGroupName = attributes.LogGroupName;
    const retentionInDays = properties.RetentionInDays;
    if (retentionInDays === undefined) await invoke('logs', 'DeleteRetentionPolicy', { logGroupName });
    else await invoke('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    const resourceArn = attributes.Arn?.replace(/:\*$/, '');
    await changeTags(
      old.Tags,
      properties.Tags,
      (tags) => invoke('logs', 'TagResource', { resourceArn, tags: tagMap(tags) }),
      (tagKeys) => invoke('logs', 'UntagResource', { resourceArn, tagKeys }),
    );
  },
  async delete({ invoke, attributes }) {
    const deletion = invoke('logs', 'DeleteLogGroup', { logGroupName: attributes.LogGroupName });
    await unlessGone(deletion, 'ResourceNotFoundException');
  },
});
