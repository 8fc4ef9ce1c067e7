import type {
  CreateProvisioningTemplateRequest,
  CreateProvisioningTemplateResponse,
  DeleteProvisioningTemplateRequest,
  DescribeProvisioningTemplateRequest,
  DescribeProvisioningTemplateResponse,
  ListProvisioningTemplatesRequest,
  ListProvisioningTemplatesResponse,
  UpdateProvisioningTemplateRequest,
} from '@aws-sdk/client-iot';
import { NotImplementedError } from '../../errors.ts';
import type { IamStore } from '../../iam/iam-store.ts';
import { type AnyOperation, type Call, operation } from '../../service.ts';
import { IOT_PRINCIPAL, alreadyExists, checkName, invalidRequest, notFound } from '../names.ts';
import { page } from '../paging.ts';
import type { Registry } from '../registry/registry.ts';
import { toTags } from '../registry/tags.ts';
import { type Hooks, PAYLOAD_VERSION } from './hook.ts';
import { parseTemplateBody } from './template-body.ts';
import { type ProvisioningTemplate, type TemplateStore, bodyOf } from './template-store.ts';

const TYPE = 'FLEET_PROVISIONING';

export interface TemplateParts {
  readonly templates: TemplateStore;
  readonly hooks: Hooks;
  readonly iam: IamStore;
  readonly registry: Registry;
}

export function templateOperations({ templates, hooks, iam, registry }: TemplateParts): Record<string, AnyOperation> {
  const { templates: all } = templates;
  const resource = (input: { templateName?: string }): string => templates.arn(input.templateName ?? '');
  const find = (input: { templateName?: string }): ProvisioningTemplate =>
    templates.find(checkName('templateName', input.templateName));
  const checkRole = (roleArn: string | undefined, call: Call): string => {
    if (roleArn === undefined || !iam.roleByArn(roleArn)) throw invalidRequest(`There is no role ${roleArn ?? ''}.`);
    call.authorize('iam:PassRole', roleArn, { 'iam:PassedToService': IOT_PRINCIPAL });
    return roleArn;
  };
  const shown = ({ name, description, created, modified, enabled }: ProvisioningTemplate) => ({
    templateArn: templates.arn(name),
    templateName: name,
    description,
    creationDate: created,
    lastModifiedDate: modified,
    enabled,
    type: TYPE as typeof TYPE,
  });
  return {
    CreateProvisioningTemplate: operation<CreateProvisioningTemplateRequest, CreateProvisioningTemplateResponse>({
      resource,
      handle: async (input, call) => {
        const name = checkName('templateName', input.templateName);
        const { type = TYPE, description, enabled = false, templateBody = '', preProvisioningHook: hook } = input;
        if (type !== TYPE) throw new NotImplementedError(`a provisioning template of the type ${type}`);
        const tags = toTags(input.tags);
        parseTemplateBody(templateBody);
        const roleArn = checkRole(input.provisioningRoleArn, call);
        if (hook) await hooks.check(hook, templates.arn(name));
        if (all.has(name)) throw alreadyExists(`Template with name ${name} already exists`);
        const created = new Date();
        const versions = { 1: { body: templateBody, created } };
        const times = { created, modified: created };
        all.set(name, {
          name,
          description,
          enabled,
          roleArn,
          hook,
          ...times,
          versions,
          defaultVersion: 1,
          lastVersion: 1,
        });
        if (tags.length > 0) registry.tags.set(templates.arn(name), tags);
        return { templateArn: templates.arn(name), templateName: name, defaultVersionId: 1 };
      },
    }),
    DescribeProvisioningTemplate: operation<DescribeProvisioningTemplateRequest, DescribeProvisioningTemplateResponse>({
      resource,
      handle: (input) => {
        const template = find(input);
        const { roleArn, hook, defaultVersion } = template;
        return {
          ...shown(template),
          templateBody: bodyOf(template),
          defaultVersionId: defaultVersion,
          provisioningRoleArn: roleArn,
          preProvisioningHook: hook && { payloadVersion: PAYLOAD_VERSION, ...hook },
        };
      },
    }),
    ListProvisioningTemplates: operation<ListProvisioningTemplatesRequest, ListProvisioningTemplatesResponse>({
      resource: () => '*',
      handle: ({ maxResults: size, nextToken: token }) => {
        const { items, next } = page(all.values(), ({ name }) => name, { size, token });
        return { templates: items.map(shown), nextToken: next };
      },
    }),
    UpdateProvisioningTemplate: operation<UpdateProvisioningTemplateRequest, void>({
      resource,
      handle: async (input, call) => {
        const { name } = find(input);
        const { provisioningRoleArn, preProvisioningHook, removePreProvisioningHook } = input;
        const roleArn = provisioningRoleArn === undefined ? undefined : checkRole(provisioningRoleArn, call);
        if (preProvisioningHook && removePreProvisioningHook) throw invalidRequest('a hook is both given and removed');
        if (preProvisioningHook) await hooks.check(preProvisioningHook, templates.arn(name));
        const now = find(input);
        const { defaultVersionId: defaultVersion = now.defaultVersion } = input;
        if (!now.versions[defaultVersion]) throw notFound(`${name} has no version ${defaultVersion}`);
        all.set(name, {
          ...now,
          description: input.description ?? now.description,
          enabled: input.enabled ?? now.enabled,
          roleArn: roleArn ?? now.roleArn,
          hook: removePreProvisioningHook ? undefined : (preProvisioningHook ?? now.hook),
          defaultVersion,
          modified: new Date(),
        });
      },
    }),
    DeleteProvisioningTemplate: operation<DeleteProvisioningTemplateRequest, void>({
      resource,
      handle: (input) => {
        // With all its versions: CloudFormation's handler deletes none of them before.
        const { name } = find(input);
        all.delete(name);
        registry.tags.delete(templates.arn(name));
      },
    }),
  };
}
