import type * as sdk from '@aws-sdk/client-ssm';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { Operations } from '../service.ts';
import { tagList, tagsOf, withoutTags } from '../tags.ts';
import type { Parameter, ParameterStore } from './parameter-store.ts';

interface Resource {
  ResourceType: sdk.ResourceTypeForTagging | undefined;
  ResourceId: string | undefined;
}

export function parameterTagOperations(store: ParameterStore): Operations<typeof sdk> {
  const resource = ({ ResourceId }: Resource): string => store.arn(ResourceId);
  const find = ({ ResourceType, ResourceId = '' }: Resource): Parameter => {
    if (ResourceType !== 'Parameter') throw new NotImplementedError(`ResourceType ${ResourceType} of ssm`);
    const parameter = store.get(ResourceId);
    if (!parameter) throw new AwsError('InvalidResourceId', `The parameter ${ResourceId} does not exist.`);
    return parameter;
  };
  return {
    AddTagsToResource: {
      resource,
      handle: (input) => {
        const parameter = find(input);
        store.set({ ...parameter, tags: { ...parameter.tags, ...tagsOf(input.Tags) } });
      },
    },
    RemoveTagsFromResource: {
      resource,
      handle: (input) => {
        const parameter = find(input);
        store.set({ ...parameter, tags: withoutTags(parameter.tags, input.TagKeys) });
      },
    },
    ListTagsForResource: {
      resource,
      handle: (input) => ({ TagList: tagList(find(input).tags) }),
    },
  };
}
