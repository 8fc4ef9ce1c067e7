import type * as sdk from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../errors.ts';
import type { Operations } from '../../service.ts';
import { type Context, findStack, stackResource } from '../context.ts';
import { requiredCapability } from '../template/capabilities.ts';
import { parseTemplate } from '../template/parse-template.ts';
import { readTemplate } from './prepare.ts';

export function templateOperations(context: Context): Operations<typeof sdk> {
  const { store } = context;
  const resource = stackResource(context);
  return {
    GetTemplate: {
      takes: ['StackName', 'ChangeSetName', 'TemplateStage'],
      resource,
      handle: ({ StackName, ChangeSetName }) => {
        const changeSet = [...store.changeSets.values()].find(
          ({ id, name, stackId }) =>
            id === ChangeSetName || (name === ChangeSetName && stackId === store.find(StackName ?? '')?.id),
        );
        if (ChangeSetName !== undefined && !changeSet)
          throw new AwsError('ChangeSetNotFoundException', `ChangeSet [${ChangeSetName}] does not exist`, 404);
        const text = (changeSet?.target ?? findStack(context, StackName, 'with id').deployed).template;
        // A stack under review has none yet.
        return { TemplateBody: text === '' ? undefined : text, StagesAvailable: ['Original', 'Processed'] };
      },
    },
    GetTemplateSummary: {
      takes: ['StackName', 'TemplateBody', 'TemplateURL'],
      resource,
      handle: async (input, call) => {
        const text =
          input.StackName === undefined
            ? await readTemplate(call, input)
            : findStack(context, input.StackName).deployed.template;
        const template = parseTemplate(text);
        const required = requiredCapability(template);
        const types = await context.types();
        const resourceTypes = [...new Set(Object.values(template.resources).map(({ type }) => type))];
        return {
          ResourceIdentifierSummaries: resourceTypes.flatMap((ResourceType) => {
            const type = types.find(ResourceType);
            if (typeof type === 'string' || type.provider?.find === undefined) return [];
            const LogicalResourceIds = Object.keys(template.resources).filter(
              (logicalId) => template.resources[logicalId]?.type === ResourceType,
            );
            return [{ ResourceType, LogicalResourceIds, ResourceIdentifiers: [type.spec.identifier.join(',')] }];
          }),
          Description: template.description,
          Capabilities: required && [required.capability],
          CapabilitiesReason:
            required && `The following resource(s) require capabilities: [${required.types.join(', ')}]`,
          Parameters: Object.entries(template.parameters).map(([key, declaration]) => ({
            ParameterKey: key,
            ParameterType: declaration.Type,
            DefaultValue: declaration.Default === undefined ? undefined : String(declaration.Default),
            NoEcho: String(declaration.NoEcho) === 'true',
            Description: declaration.Description,
            ParameterConstraints: declaration.AllowedValues && {
              AllowedValues: declaration.AllowedValues.map(String),
            },
          })),
          ResourceTypes: resourceTypes,
          Version: '2010-09-09',
          Metadata: template.metadata === undefined ? undefined : JSON.stringify(template.metadata),
        };
      },
    },
  };
}
