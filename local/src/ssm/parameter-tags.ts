import type {
  AddTagsToResourceRequest,
  ListTagsForResourceRequest,
  ListTagsForResourceResult,
  RemoveTagsFromResourceRequest,
  ResourceTypeForTagging,
} from '@aws-sdk/client-ssm';
import { AwsError, NotImplementedError } from '../errors.ts';
import { type AnyOperation, operation } from '../service.ts';
import { tagList, tagsOf, withoutTags } from '../tags.ts';
import type { Parameter, ParameterStore } from './parameter-store.ts';

interface Resource {
  ResourceType: ResourceTypeForTagging | undefined;
  ResourceId: string | undefined;
}

export function parameterTagOperations(store: ParameterStore): Record<string, AnyOperation> {
  const resource = ({ ResourceId }: Resource): string => store.arn(ResourceId);
  const find = ({ ResourceType, ResourceId = '' }: Resource): Parameter => {
    if (ResourceType !== 'Parameter') throw new NotImplementedError(`ResourceType ${ResourceType} of ssm`);
    const parameter = store.get(ResourceId);
    if (!parameter) throw new AwsError('InvalidResourceId', `The parameter ${ResourceId} does not exist.`);
    return parameter;
  };
  return {
    AddTagsToResource: operation<AddTagsToResourceRequest, object>({
      resource,
      handle: (input) => {
        const parameter = find(input);
        store.set({ ...parameter, tags: { ...parameter.tags, ...tagsOf(input.Tags) } });
        return {};
      },
    }),
    RemoveTagsFromResource: operation<RemoveTagsFromResourceRequest, object>({
      resource,
      handle: (input) => {
        const parameter = find(input);
        store.set({ ...parameter, tags: withoutTags(parameter.tags, input.TagKeys) });
        return {};
      },
    }),
    ListTagsForResource: operation<ListTagsForResourceRequest, ListTagsForResourceResult>({
      resource,
      handle: (input) => ({ TagList: tagList(find(input).tags) }),
    }),
  };
}
