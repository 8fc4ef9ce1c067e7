import type * as sdk from '@aws-sdk/client-iot';
import type { Operations } from '../../service.ts';
import { invalidRequest, iotArn, notFound } from '../names.ts';
import type { Registry, Tag } from './registry.ts';

/** Tags as they are kept. Throws InvalidRequest for one without a key or with a key that comes twice. */
export function toTags(tags: readonly sdk.Tag[] | undefined): Tag[] {
  const all = (tags ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value }));
  for (const { Key } of all) {
    if (Key === '') throw invalidRequest('a tag has no Key');
    if (all.filter((tag) => tag.Key === Key).length > 1) throw invalidRequest(`the tag ${Key} is given twice`);
  }
  return all;
}

/**
 * Tags of policies, topic rules and provisioning templates. Things and certificates have none at AWS either.
 *
 * @param exists by kind of resource, as its ARN names it, whether there is one of that name
 */
export function tagOperations(
  registry: Registry,
  exists: Readonly<Record<string, (name: string) => boolean>>,
): Operations<typeof sdk> {
  const resource = (input: { resourceArn?: string }): string => input.resourceArn ?? '*';
  const find = (input: { resourceArn?: string }): string => {
    const arn = input.resourceArn ?? '';
    const [, kind = '', name = ''] = /^(\w+)\/(.+)$/.exec(arn.slice(iotArn(registry.account, '').length)) ?? [];
    const isThere = Object.hasOwn(exists, kind) ? exists[kind] : undefined;
    if (!arn.startsWith(iotArn(registry.account, '')) || !isThere)
      throw invalidRequest(`${arn} is not the ARN of a ${Object.keys(exists).join(' or ')}`);
    if (!isThere(name)) throw notFound(`${arn} does not exist`);
    return arn;
  };
  return {
    TagResource: {
      resource,
      handle: (input) => {
        const arn = find(input);
        const added = toTags(input.tags);
        const kept = (registry.tags.get(arn) ?? []).filter(({ Key }) => added.every((tag) => tag.Key !== Key));
        registry.tags.set(arn, [...kept, ...added]);
      },
    },
    UntagResource: {
      resource,
      handle: (input) => {
        const arn = find(input);
        const kept = (registry.tags.get(arn) ?? []).filter(({ Key }) => !input.tagKeys?.includes(Key));
        registry.tags.set(arn, kept);
      },
    },
    ListTagsForResource: {
      resource,
      handle: (input) => ({ tags: registry.tags.get(find(input)) ?? [] }),
    },
  };
}
