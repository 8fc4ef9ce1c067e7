import type {
  CreateProvisioningTemplateRequest,
  CreateProvisioningTemplateResponse,
  CreateProvisioningTemplateVersionRequest,
  ListProvisioningTemplateVersionsResponse,
  ProvisioningHook,
  UpdateProvisioningTemplateRequest,
} from '@aws-sdk/client-iot';
import { changeTags } from './iot.ts';
import { type Invoke, provider, unlessGone } from './provider.ts';
import type { Tag } from './tag-changes.ts';

const GONE = 'ResourceNotFoundException';

interface TemplateProperties {
  readonly TemplateName?: string;
  readonly TemplateBody: string;
  readonly TemplateType?: CreateProvisioningTemplateRequest['type'];
  readonly Description?: string;
  readonly Enabled?: boolean;
  readonly ProvisioningRoleArn: string;
  readonly PreProvisioningHook?: { readonly PayloadVersion?: string; readonly TargetArn: string };
  readonly Tags?: readonly Tag[];
}

const hook = ({ PreProvisioningHook: given }: TemplateProperties): ProvisioningHook | undefined =>
  given && { payloadVersion: given.PayloadVersion, targetArn: given.TargetArn };

/** A new body becomes a new default version, and the one before it goes. */
export const provisioningTemplate = provider<TemplateProperties>({
  properties: [
    ...['TemplateName', 'TemplateBody', 'TemplateType', 'Description', 'Enabled'],
    ...['ProvisioningRoleArn', 'PreProvisioningHook', 'Tags'],
  ] as (keyof TemplateProperties)[],
  async create({ properties, invoke, name, created }) {
    const templateName = properties.TemplateName ?? name({ max: 36 });
    const request: CreateProvisioningTemplateRequest = {
      templateName,
      templateBody: properties.TemplateBody,
      type: properties.TemplateType,
      description: properties.Description,
      enabled: properties.Enabled,
      provisioningRoleArn: properties.ProvisioningRoleArn,
      preProvisioningHook: hook(properties),
      tags: properties.Tags?.map((tag) => ({ ...tag })),
    };
    const { templateArn = '' } = await invoke<CreateProvisioningTemplateResponse>(
      'iot',
      'CreateProvisioningTemplate',
      request,
    );
    return created({ TemplateName: templateName, TemplateArn: templateArn });
  },
  async update({ properties, old, invoke, attributes }) {
    const { TemplateName: templateName = '', TemplateArn } = attributes;
    const { TemplateBody: templateBody, Description = '', Enabled = false, ProvisioningRoleArn } = properties;
    const request: UpdateProvisioningTemplateRequest = {
      templateName,
      description: Description,
      enabled: Enabled,
      provisioningRoleArn: ProvisioningRoleArn,
      preProvisioningHook: hook(properties),
      removePreProvisioningHook: properties.PreProvisioningHook === undefined || undefined,
    };
    await invoke('iot', 'UpdateProvisioningTemplate', request);
    if (templateBody !== old.TemplateBody) {
      const version: CreateProvisioningTemplateVersionRequest = { templateName, templateBody, setAsDefault: true };
      await invoke('iot', 'CreateProvisioningTemplateVersion', version);
      await deleteOtherVersions(invoke, templateName);
    }
    await changeTags(invoke, TemplateArn, old.Tags, properties.Tags);
    return attributes;
  },
  async delete({ invoke, attributes: { TemplateName: templateName = '' } }) {
    const remove = async (): Promise<void> => {
      await deleteOtherVersions(invoke, templateName);
      await invoke('iot', 'DeleteProvisioningTemplate', { templateName });
    };
    await unlessGone(remove(), GONE);
  },
});

async function deleteOtherVersions(invoke: Invoke, templateName: string): Promise<void> {
  const { versions = [] } = await invoke<ListProvisioningTemplateVersionsResponse>(
    'iot',
    'ListProvisioningTemplateVersions',
    { templateName },
  );
  for (const { versionId, isDefaultVersion } of versions)
    if (!isDefaultVersion) await invoke('iot', 'DeleteProvisioningTemplateVersion', { templateName, versionId });
}
