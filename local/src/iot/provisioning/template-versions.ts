import type {
  CreateProvisioningTemplateVersionRequest,
  CreateProvisioningTemplateVersionResponse,
  DeleteProvisioningTemplateVersionRequest,
  ListProvisioningTemplateVersionsRequest,
  ListProvisioningTemplateVersionsResponse,
} from '@aws-sdk/client-iot';
import { AwsError } from '../../errors.ts';
import { type AnyOperation, operation } from '../../service.ts';
import { checkName, notFound } from '../names.ts';
import { page } from '../paging.ts';
import { parseTemplateBody } from './template-body.ts';
import type { ProvisioningTemplate, TemplateStore } from './template-store.ts';

/** VersionsLimitExceeded has no number in the API Reference: that of policies is assumed. */
const MAX_VERSIONS = 5;

/** A template's body changes by a new version. */
export function templateVersionOperations(templates: TemplateStore): Record<string, AnyOperation> {
  const resource = (input: { templateName?: string }): string => templates.arn(input.templateName ?? '');
  const find = (input: { templateName?: string }): ProvisioningTemplate =>
    templates.find(checkName('templateName', input.templateName));
  return {
    CreateProvisioningTemplateVersion: operation<
      CreateProvisioningTemplateVersionRequest,
      CreateProvisioningTemplateVersionResponse
    >({
      resource,
      handle: (input) => {
        const template = find(input);
        const { name, versions, lastVersion } = template;
        const { templateBody: body = '', setAsDefault: isDefaultVersion = false } = input;
        parseTemplateBody(body);
        if (Object.keys(versions).length >= MAX_VERSIONS)
          throw new AwsError('VersionsLimitExceededException', `${name} has ${MAX_VERSIONS} versions already`, 409);
        const [created, versionId] = [new Date(), lastVersion + 1];
        templates.templates.set(name, {
          ...template,
          modified: created,
          versions: { ...versions, [versionId]: { body, created } },
          lastVersion: versionId,
          defaultVersion: isDefaultVersion ? versionId : template.defaultVersion,
        });
        return { templateArn: templates.arn(name), templateName: name, versionId, isDefaultVersion };
      },
    }),
    ListProvisioningTemplateVersions: operation<
      ListProvisioningTemplateVersionsRequest,
      ListProvisioningTemplateVersionsResponse
    >({
      resource,
      handle: (input) => {
        const { versions, defaultVersion } = find(input);
        const all = Object.entries(versions).map(([id, { created }]) => ({ versionId: Number(id), created }));
        const { items, next } = page(all, ({ versionId }) => String(versionId).padStart(10, '0'), {
          size: input.maxResults,
          token: input.nextToken,
        });
        return {
          versions: items.map(({ versionId, created }) => ({
            versionId,
            creationDate: created,
            isDefaultVersion: versionId === defaultVersion,
          })),
          nextToken: next,
        };
      },
    }),
    DeleteProvisioningTemplateVersion: operation<DeleteProvisioningTemplateVersionRequest, void>({
      resource,
      handle: (input) => {
        const template = find(input);
        const { name, defaultVersion } = template;
        const id = input.versionId ?? 0;
        if (id === defaultVersion)
          throw new AwsError('DeleteConflictException', `Version ${id} of ${name} is its default version`, 409);
        const versions = { ...template.versions };
        if (!versions[id]) throw notFound(`${name} has no version ${id}`);
        delete versions[id];
        templates.templates.set(name, { ...template, versions });
      },
    }),
  };
}
