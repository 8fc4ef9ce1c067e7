import type { ProvisioningHook, TemplateType } from '@aws-sdk/client-iot';
import { changeIotTags } from './iot.ts';
import { type Invoke, ifThere, provider, unlessGone } from './provider.ts';
import type { Tag } from './tag-changes.ts';

const GONE = 'ResourceNotFoundException';

interface TemplateProperties {
  readonly TemplateName?: string;
  readonly TemplateBody: string;
  readonly TemplateType?: TemplateType;
  readonly Description?: string;
  readonly Enabled?: boolean;
  readonly ProvisioningRoleArn: string;
  readonly PreProvisioningHook?: { readonly PayloadVersion?: string; readonly TargetArn: string };
  readonly Tags?: Tag[];
}

const hook = ({ PreProvisioningHook: given }: TemplateProperties): ProvisioningHook | undefined =>
  given && { payloadVersion: given.PayloadVersion, targetArn: given.TargetArn };

/** As the handler does it that AWS publishes (aws-cloudformation/aws-cloudformation-resource-providers-iot, of August 2025). */
export const provisioningTemplate = provider<TemplateProperties>({
  properties: [
    ...['TemplateName', 'TemplateBody', 'TemplateType', 'Description', 'Enabled'],
    ...['ProvisioningRoleArn', 'PreProvisioningHook', 'Tags'],
  ] as (keyof TemplateProperties)[],
  async create({ properties, invoke, name, created }) {
    const templateName = properties.TemplateName ?? name({ max: 36 });
    const { templateArn = '' } = await invoke('iot', 'CreateProvisioningTemplate', {
      templateName,
      templateBody: properties.TemplateBody,
      type: properties.TemplateType,
      description: properties.Description,
      enabled: properties.Enabled,
      provisioningRoleArn: properties.ProvisioningRoleArn,
      preProvisioningHook: hook(properties),
      tags: properties.Tags,
    });
    return created({ TemplateName: templateName, TemplateArn: templateArn });
  },
  // What is no longer said stays as it is: hook, description and whether it is enabled.
  async update({ properties, old, invoke, attributes }) {
    const { TemplateName: templateName = '', TemplateArn } = attributes;
    const { TemplateBody: templateBody } = properties;
    if (templateBody !== old.TemplateBody) await addVersion(invoke, templateName, templateBody);
    await invoke('iot', 'UpdateProvisioningTemplate', {
      templateName,
      description: properties.Description,
      enabled: properties.Enabled,
      provisioningRoleArn: properties.ProvisioningRoleArn,
      preProvisioningHook: hook(properties),
    });
    await changeIotTags(invoke, TemplateArn, old.Tags, properties.Tags);
  },
  async delete({ invoke, attributes: { TemplateName: templateName } }) {
    await unlessGone(invoke('iot', 'DeleteProvisioningTemplate', { templateName }), GONE);
  },
});

/**
 * In place of the oldest, where there are as many as there can be. AWS's handler waits for LimitExceeded there, but the API
 * Reference has VersionsLimitExceeded for it: whether AWS gets past it is not known.
 */
async function addVersion(invoke: Invoke, templateName: string, templateBody: string): Promise<void> {
  const version = { templateName, templateBody, setAsDefault: true };
  const create = () => invoke('iot', 'CreateProvisioningTemplateVersion', version);
  if (await ifThere(create(), 'VersionsLimitExceededException')) return;
  const { versions = [] } = await invoke('iot', 'ListProvisioningTemplateVersions', { templateName });
  const [versionId] = versions.map((each) => each.versionId ?? 0).sort((a, b) => a - b);
  await invoke('iot', 'DeleteProvisioningTemplateVersion', { templateName, versionId });
  await create();
}
