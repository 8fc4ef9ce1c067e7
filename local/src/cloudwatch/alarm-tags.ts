import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../errors.ts';
import type { Operations } from '../service.ts';
import { type Tags, tagList, tagsOf, withoutTags } from '../tags.ts';
import type { Alarm } from './evaluate-alarm.ts';
import type { AlarmStore } from './alarm-store.ts';

/** Tags of alarms: nothing else here has any. */
export function alarmTagOperations(store: AlarmStore): Operations<typeof sdk> {
  const find = (arn = ''): Alarm => {
    const alarm = store.alarms.get(arn.split(':').slice(6).join(':'));
    if (!alarm || store.arn(alarm.name) !== arn)
      throw new AwsError('ResourceNotFoundException', `The resource ${arn} does not exist.`, 404);
    return alarm;
  };
  const change = (arn: string | undefined, edit: (tags: Tags) => Tags): void => {
    const alarm = find(arn);
    store.alarms.set(alarm.name, { ...alarm, tags: edit(alarm.tags) });
  };
  const resource = ({ ResourceARN = '' }: { ResourceARN?: string | undefined }): string => ResourceARN;
  return {
    TagResource: {
      takes: ['ResourceARN', 'Tags'],
      resource,
      handle: ({ ResourceARN, Tags }) => change(ResourceARN, (tags) => ({ ...tags, ...tagsOf(Tags) })),
    },
    UntagResource: {
      takes: ['ResourceARN', 'TagKeys'],
      resource,
      handle: ({ ResourceARN, TagKeys }) => change(ResourceARN, (tags) => withoutTags(tags, TagKeys)),
    },
    ListTagsForResource: {
      takes: ['ResourceARN'],
      resource,
      handle: ({ ResourceARN }) => ({ Tags: tagList(find(ResourceARN).tags) }),
    },
  };
}
