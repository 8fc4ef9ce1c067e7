import type { PutParameterRequest } from '@aws-sdk/client-ssm';
import { tagList } from '../../tags.ts';
import { provider, unlessGone } from './provider.ts';
import { changeTags } from './tag-changes.ts';

interface ParameterProperties extends Omit<PutParameterRequest, 'Name' | 'Tags'> {
  readonly Name?: string;
  readonly Tags?: Readonly<Record<string, string>>;
}

/** A parameter in plain text; CloudFormation makes no SecureString. */
export const parameter = provider<ParameterProperties>({
  properties: ['Name', 'Type', 'Value', 'Description', 'AllowedPattern', 'DataType', 'Tier', 'Tags'],
  async create({ properties, invoke, name, created, id, region }) {
    const Name = properties.Name ?? name({ max: 512 });
    const { Tags, Type = 'String', Value = '', ...settings } = properties;
    await invoke('ssm', 'PutParameter', { ...settings, Name, Type, Value, Tags: Tags && tagList(Tags) });
    const path = Name.startsWith('/') ? Name : `/${Name}`;
    return created({ Name, Type, Value, Arn: `arn:aws:ssm:${region}:${id}:parameter${path}` });
  },
  async update({ properties, old, invoke, attributes }) {
    const Name = attributes.Name ?? '';
    const { Tags, Type = 'String', Value = '', ...settings } = properties;
    await invoke('ssm', 'PutParameter', { ...settings, Name, Type, Value, Overwrite: true });
    const resource = { ResourceType: 'Parameter', ResourceId: Name } as const;
    await changeTags(
      tagList(old.Tags ?? {}),
      tagList(Tags ?? {}),
      (Tags) => invoke('ssm', 'AddTagsToResource', { ...resource, Tags }),
      (TagKeys) => invoke('ssm', 'RemoveTagsFromResource', { ...resource, TagKeys }),
    );
    return { ...attributes, Type, Value };
  },
  async delete({ invoke, attributes }) {
    await unlessGone(invoke('ssm', 'DeleteParameter', { Name: attributes.Name }), 'ParameterNotFound');
  },
});
