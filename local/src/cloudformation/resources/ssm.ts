import type { PutParameterRequest } from '@aws-sdk/client-ssm';
import { provider, unlessGone } from './provider.ts';
import { tagChanges } from './tag-changes.ts';

interface ParameterProperties {
  readonly Name?: string;
  readonly Type: 'String' | 'StringList';
  readonly Value: string;
  readonly Description?: string;
  readonly AllowedPattern?: string;
  readonly DataType?: string;
  readonly Tier?: 'Standard' | 'Advanced' | 'Intelligent-Tiering';
  readonly Tags?: Readonly<Record<string, string>>;
}

/** A parameter in plain text; CloudFormation makes no SecureString. */
export const parameter = provider<ParameterProperties>({
  properties: ['Name', 'Type', 'Value', 'Description', 'AllowedPattern', 'DataType', 'Tier', 'Tags'],
  async create({ properties, invoke, name, created, id, region }) {
    const Name = properties.Name ?? name({ max: 512 });
    const tags = tagList(properties);
    await invoke('ssm', 'PutParameter', { ...request(Name, properties), Tags: tags.length > 0 ? tags : undefined });
    const path = Name.startsWith('/') ? Name : `/${Name}`;
    return created({
      Name,
      Type: properties.Type,
      Value: properties.Value,
      Arn: `arn:aws:ssm:${region}:${id}:parameter${path}`,
    });
  },
  async update({ properties, old, invoke, attributes }) {
    const Name = attributes.Name ?? '';
    await invoke('ssm', 'PutParameter', { ...request(Name, properties), Overwrite: true });
    const resource = { ResourceType: 'Parameter', ResourceId: Name };
    const { set, remove } = tagChanges(tagList(old), tagList(properties));
    if (remove.length > 0) await invoke('ssm', 'RemoveTagsFromResource', { ...resource, TagKeys: remove });
    if (set.length > 0) await invoke('ssm', 'AddTagsToResource', { ...resource, Tags: set });
    return { ...attributes, Type: properties.Type, Value: properties.Value };
  },
  async delete({ invoke, attributes }) {
    await unlessGone(invoke('ssm', 'DeleteParameter', { Name: attributes.Name }), 'ParameterNotFound');
  },
});

const request = (Name: string, properties: ParameterProperties): PutParameterRequest => ({
  Name,
  Type: properties.Type,
  Value: properties.Value,
  Description: properties.Description,
  AllowedPattern: properties.AllowedPattern,
  DataType: properties.DataType,
  Tier: properties.Tier,
});

const tagList = ({ Tags = {} }: ParameterProperties): { Key: string; Value: string }[] =>
  Object.entries(Tags).map(([Key, Value]) => ({ Key, Value }));
