import type { Mutation } from './mutation.ts';

const NAMES = 'lib/fleet/names.ts';
const POLICY = 'lib/device/device-policy.ts';
const ROLE = 'lib/device/device-certificate-function.ts';
const BUNDLED = 'lib/bundled-function.ts';
const CERTIFICATE = 'lib/device/device-certificate.ts';
const DEVICE = 'lib/device/device.ts';

/** Of the stack of a site. */
export const DEVICE_MUTATIONS: readonly Mutation[] = [
  {
    property: 'a device connects under its own name only',
    file: POLICY,
    find: "'client', holder.thingName",
    replace: "'client', '*'",
  },
  {
    property: 'a device connects only while its certificate is attached to its thing',
    file: POLICY,
    find: "Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },",
    replace: '',
  },
  {
    property: 'a device publishes its own telemetry only',
    file: POLICY,
    find: '`${names.telemetryTopic(device)}/*`',
    replace: "'rtjm/*'",
  },
  {
    property: 'a device does not publish for one whose name starts with its own',
    file: POLICY,
    find: '`${names.telemetryTopic(device)}/*`',
    replace: '`${names.telemetryTopic(device)}*`',
  },
  {
    property: 'a device publishes by basic ingest to the rule of the fleet only',
    file: POLICY,
    find: '`${names.basicIngestTopic(device)}/*`',
    replace: '`$aws/rules/*/${names.telemetryTopic(device)}/*`',
  },
  {
    property: 'a device publishes by basic ingest under its own name only',
    file: NAMES,
    find: '`$aws/rules/${this.telemetryRule}/${this.telemetryTopic(device)}`',
    replace: '`$aws/rules/${this.telemetryRule}/${this.topicRoot}`',
  },
  {
    property: 'basic ingest is allowed by the settings only',
    file: POLICY,
    find: "ingest === 'basic'",
    replace: 'ingest !== undefined',
  },
  {
    property: 'a device subscribes to its own commands only',
    file: POLICY,
    find: "'topicfilter', `${names.commandTopic(device)}/*`",
    replace: "'topicfilter', 'cmd/rtjm/*'",
  },
  {
    property: 'a device receives its own commands only',
    file: POLICY,
    find: "allow('Receive', 'topic', `${names.commandTopic(device)}/*`",
    replace: "allow('Receive', 'topic', '*'",
  },
  {
    property: 'a device leaves no retained message',
    file: POLICY,
    find: "allow('Receive',",
    replace: "allow('RetainPublish', 'topic', `${names.telemetryTopic(device)}/*`),\n          allow('Receive',",
  },
  {
    property: 'a policy allows listed actions only',
    file: POLICY,
    find: 'Action: `iot:${action}`',
    replace: "Action: 'iot:*'",
  },
  {
    property: 'a policy serves one device',
    file: POLICY,
    find: 'policyName: this.policyName,',
    replace: "policyName: 'device',",
  },
  {
    property: 'a revoked device is revoked in the deployment',
    file: CERTIFICATE,
    find: '...(revoked && { revoked }),',
    replace: '',
  },
  {
    property: 'a device that keeps its own key gets none from the cloud',
    file: CERTIFICATE,
    find: '...(csr !== undefined && { csr: csr.pem }),',
    replace: '',
  },
  {
    property: 'another generation is another identity',
    file: CERTIFICATE,
    find: ': site.names.identityPath(site.name, name, number),',
    replace: ': site.names.identityPath(site.name, name, 1),',
  },
  {
    property: 'no property carries a secret',
    file: CERTIFICATE,
    find: '        device: name,\n',
    replace: "        device: name,\n        wifiPassword: 'hunter2',\n",
  },
  {
    property: 'no attribute carries a private key out of the function',
    file: CERTIFICATE,
    find: '        device: name,\n',
    replace: "        device: name,\n        copy: { 'Fn::GetAtt': ['shedCertificate', 'privateKeyPem'] },\n",
  },
  {
    property: 'a certificate is deleted before its thing and policy',
    file: DEVICE,
    find: 'certificate.node.addDependency(thing, this.policy);',
    replace: 'certificate.node.addDependency(this.policy);',
  },
  {
    property: 'the name of a device alone makes its logical ids, and so its key',
    file: DEVICE,
    find: ': device.name);',
    replace: ': `${device.board}-${device.name}`);',
  },
  {
    property: 'the function may do what its code calls and no more',
    file: ROLE,
    find: "'iot:ListPrincipalThings'],",
    replace: "'iot:ListPrincipalThings', 'iot:DeleteThing'],",
  },
  {
    property: 'the function has no action by wildcard',
    file: ROLE,
    find: "['ssm:GetParameter', 'ssm:GetParametersByPath', 'ssm:PutParameter', 'ssm:DeleteParameter']",
    replace: "['ssm:*']",
  },
  {
    property: 'the function changes certificates only',
    file: ROLE,
    find: "arn('iot', 'cert'),",
    replace: "'*',",
  },
  {
    property: 'the function reaches the identities of its site only',
    file: ROLE,
    find: '`parameter${names.sitePath(site)}`',
    replace: "'parameter'",
  },
  {
    property: 'a function writes to its own log only',
    file: BUNDLED,
    find: 'logGroup.logGroupArn',
    replace: "'*'",
  },
  {
    property: 'the function has no managed policy',
    file: BUNDLED,
    find: "assumedBy: new ServicePrincipal('lambda.amazonaws.com'),",
    replace:
      "assumedBy: new ServicePrincipal('lambda.amazonaws.com'),\n" +
      "      managedPolicies: [{ managedPolicyArn: 'arn:aws:iam::aws:policy/AWSIoTFullAccess' }],",
  },
  {
    property: 'a function runs on a runtime that AWS maintains',
    file: BUNDLED,
    find: 'Runtime.NODEJS_24_X',
    replace: 'Runtime.NODEJS_20_X',
  },
  {
    property: 'fleets with the same prefix have topics of their own',
    file: NAMES,
    find: '`${prefix}_${name}`',
    replace: 'prefix',
  },
  {
    property: 'fleets with the same devices have things and policies of their own',
    file: NAMES,
    find: "name === undefined ? '' : `${name}_`",
    replace: "name === undefined ? '' : ''",
  },
  {
    property: 'the identities of a fleet with a name are below no site of another one',
    file: NAMES,
    find: "this.dashboard = name === undefined ? 'esp-fleet' : `esp-fleet-${name}`",
    replace: "this.dashboard = name === undefined ? 'esp-fleet' : `esp-fleet/${name}`",
  },
  {
    property: 'no other fleet deploys over a stack',
    file: 'lib/fleet-stack.ts',
    find: 'Fn.conditionEquals(id, fleetId)',
    replace: 'Fn.conditionEquals(id, id)',
  },
];
