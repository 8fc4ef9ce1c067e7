import * as sdk from '@aws-sdk/client-iot';
import type { IamStore } from '../iam/iam-store.ts';
import type { Readings } from '../readings.ts';
import type { Service } from '../service.ts';
import { serviceModel } from '../wire/model.ts';
import type { State } from '../state/state.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { endpointOperations } from './endpoint.ts';
import { loggingOperations } from './logging-options.ts';
import type { Hooks } from './provisioning/hook.ts';
import { registerThingOperation } from './provisioning/register-thing.ts';
import { templateOperations } from './provisioning/template-operations.ts';
import type { TemplateStore } from './provisioning/template-store.ts';
import { templateVersionOperations } from './provisioning/template-versions.ts';
import { certificateOperations } from './registry/certificates.ts';
import { policyOperations } from './registry/policies.ts';
import { policyAttachmentOperations } from './registry/policy-attachments.ts';
import { policyVersionOperations } from './registry/policy-versions.ts';
import type { Registry } from './registry/registry.ts';
import { tagOperations } from './registry/tags.ts';
import { thingPrincipalOperations } from './registry/thing-principals.ts';
import { thingOperations } from './registry/things.ts';
import type { RuleStore } from './rules/rule-store.ts';
import { topicRuleOperations } from './rules/topic-rules.ts';

export interface ControlPlaneParts {
  readonly registry: Registry;
  readonly authority: CertificateAuthority;
  readonly rules: RuleStore;
  readonly templates: TemplateStore;
  readonly hooks: Hooks;
  readonly iam: IamStore;
  readonly readings: Readings;
  readonly state: State;
  /** The address of the broker, at the time of the call. */
  readonly endpointAddress: () => string;
}

/** The service `iot`: registry, certificates, policies and topic rules. */
export const controlPlaneService = ({
  registry,
  authority,
  rules,
  templates,
  hooks,
  iam,
  readings,
  endpointAddress,
  state,
}: ControlPlaneParts): Service => ({
  name: 'iot',
  // Debian's AWS CLI 2.9 signs with `execute-api`.
  signingNames: ['iot', 'execute-api'],
  model: serviceModel(sdk, sdk.IoTClient),
  operations: {
    ...thingOperations(registry),
    ...policyOperations(registry),
    ...policyVersionOperations(registry),
    ...policyAttachmentOperations(registry),
    ...certificateOperations(registry, authority),
    ...thingPrincipalOperations(registry, readings),
    ...topicRuleOperations(rules, registry),
    ...templateOperations({ templates, hooks, iam, registry }),
    ...templateVersionOperations(templates),
    RegisterThing: registerThingOperation(registry.account),
    ...tagOperations(registry, {
      policy: (name) => registry.policies.has(name),
      rule: (name) => rules.get(name) !== undefined,
      provisioningtemplate: (name) => templates.templates.has(name),
    }),
    ...endpointOperations(endpointAddress),
    ...loggingOperations(state),
  },
});
