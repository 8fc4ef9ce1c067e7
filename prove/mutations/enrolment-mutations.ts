import type { Mutation } from './mutation.ts';

const CLAIM = 'lib/enrolment/claim.ts';
const HOOK = 'lib/enrolment/enrolment-hook.ts';
const USED = 'lib/enrolment/identity-used.ts';
const ROLE = 'lib/enrolment/provisioning-role.ts';
const STACK = 'lib/enrolment-stack.ts';

/** Of the stack by which boards enrol that make their keys. */
export const ENROLMENT_MUTATIONS: readonly Mutation[] = [
  {
    property: 'the claim connects as no device',
    file: CLAIM,
    find: "allow('Connect', 'client', names.claimClients)",
    replace: "allow('Connect', 'client', '*')",
  },
  {
    property: 'the claim publishes requests of the enrolment only',
    file: CLAIM,
    find: "allow('Publish', 'topic', ...requests)",
    replace: "allow('Publish', 'topic', '$aws/*')",
  },
  {
    property: 'the claim subscribes to answers only',
    file: CLAIM,
    find: "allow('Subscribe', 'topicfilter', ...answers)",
    replace: "allow('Subscribe', 'topicfilter', ...answers, 'cmd/*')",
  },
  {
    property: 'the claim receives answers only',
    file: CLAIM,
    find: "allow('Receive', 'topic', ...answers)",
    replace: "allow('Receive', 'topic', '*')",
  },
  {
    property: 'the hook deletes and attaches nothing',
    file: HOOK,
    find: "'iot:UpdateThing'],",
    replace: "'iot:UpdateThing', 'iot:AttachPolicy'],",
  },
  {
    property: 'the hook changes things of the fleet only',
    file: HOOK,
    find: "arn('iot', 'thing', names.thing('*'))",
    replace: "'*'",
  },
  {
    property: 'AWS IoT asks a hook before it attaches anything',
    file: STACK,
    find: "preProvisioningHook: { targetArn: hook.function.functionArn, payloadVersion: '2020-04-01' },",
    replace: '',
  },
  {
    property: 'the hook is asked for this account and this template only',
    file: STACK,
    find: '      sourceAccount: Aws.ACCOUNT_ID,\n',
    replace: '',
  },
  {
    property: 'a certificate is attached to one thing only',
    file: STACK,
    find: "ThingPrincipalType: 'EXCLUSIVE_THING',",
    replace: '',
  },
  {
    property: 'errors of the hook ring',
    file: STACK,
    find: 'metric: hook.function.metricErrors(errors)',
    replace: 'metric: used.function.metricErrors(errors)',
  },
  {
    property: 'the provisioning makes no policy',
    file: ROLE,
    find: "['GetPolicy', 'ListTargetsForPolicy', 'ListPolicyPrincipals']",
    replace: "['GetPolicy', 'CreatePolicy', 'ListTargetsForPolicy', 'ListPolicyPrincipals']",
  },
  {
    property: 'which certificate a board uses, its connection says and not its payload',
    file: USED,
    find: 'principal() AS certificate',
    replace: 'certificate AS certificate',
  },
  {
    property: 'no other rule asks for the deletion of certificates',
    file: USED,
    find: '      sourceAccount: Aws.ACCOUNT_ID,\n',
    replace: '',
  },
];
