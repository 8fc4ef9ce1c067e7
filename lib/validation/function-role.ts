import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, Rule } from './rule.ts';
import { listOf, member, resourcesOfType, type StackTemplate, type TemplateResource } from './stack-template.ts';
import { valueText } from './value-text.ts';

/** A command of AWS's SDK in a bundle, which has those that the code uses and no other. */
const COMMAND = /\bextends [\w$]+\([^"()]*"([A-Z]\w+)"/g;

/** What Lambda itself calls with the role of a function. */
const RUNTIME = ['logs:CreateLogStream', 'logs:PutLogEvents'];

/** What a service that the code calls does in its name, where a condition allows it to that service alone. */
const VIA_SERVICE = /^kms:/;

/**
 * Actions that know no resource, of those used here: Service Authorization Reference, "Actions defined by AWS IoT" and
 * "Actions defined by Amazon CloudWatch".
 */
const WITHOUT_RESOURCE = [
  ...['iot:CreateCertificateFromCsr', 'iot:ListAttachedPolicies'],
  ...['cloudwatch:PutMetricData', 'cloudwatch:GetMetricStatistics'],
];

/** What a function may do beyond what its code calls is of use to nobody but an intruder. */
export const functionRole: Rule = {
  id: 'function-role',
  fix: 'Allow the actions that the code calls, each on the resources that it is for; AWS managed policies allow more.',

  *check(template) {
    for (const [, { Properties = {} }] of resourcesOfType(template, 'AWS::Lambda::Function')) {
      const roleId = listOf(member(Properties.Role, 'Fn::GetAtt')).flat()[0];
      const role = template.Resources[String(roleId)];
      if (typeof roleId !== 'string' || role === undefined) continue; // not of this stack: nothing here to read
      const finding = (problem: string): Finding => ({ logicalId: roleId, location: 'Properties', problem });

      for (const policy of listOf(role.Properties?.ManagedPolicyArns)) {
        yield finding(`The function's role has the managed policy ${valueText(policy).replace(/^.*\//, '')}.`);
      }
      const called = operationsOf(template, Properties.Code);
      if (called === undefined) {
        yield finding(
          "The function's role cannot be compared with its code: that is no bundle of lib/bundled-code.ts.",
        );
        continue;
      }
      for (const statement of statementsOf(template, roleId, role)) {
        if (member(statement, 'Effect') === 'Deny') continue;
        const actions = listOf(member(statement, 'Action')).map(valueText);
        const everywhere = [undefined, '*'].some((all) => listOf(member(statement, 'Resource')).includes(all));
        for (const action of actions.length > 0 ? actions : ['NotAction']) {
          const isOfService = VIA_SERVICE.test(action) && viaService(statement);
          if (!RUNTIME.includes(action) && !isOfService && !called.has(action.replace(/^\w+:/, ''))) {
            yield finding(`The function's role allows ${action}, which its code never calls.`);
          } else if (everywhere && !WITHOUT_RESOURCE.includes(action)) {
            yield finding(`The function's role allows ${action} on every resource.`);
          }
        }
      }
    }
  },
};

/** Whether a statement allows nothing but what AWS KMS is asked by another service (AWS KMS Developer Guide, "kms:ViaService"). */
function viaService(statement: unknown): boolean {
  return member(member(member(statement, 'Condition'), 'StringEquals'), 'kms:ViaService') !== undefined;
}

/** The AWS operations that a function calls, from its bundle: an asset of CDK, named after what is in it. */
function operationsOf({ assembly }: StackTemplate, code: unknown): Set<string> | undefined {
  const asset = `asset.${String(member(code, 'S3Key')).replace(/\.zip$/, '')}`;
  const bundle = join(assembly, asset, 'index.mjs');
  if (!existsSync(bundle)) return undefined;
  return new Set(Array.from(readFileSync(bundle, 'utf8').matchAll(COMMAND), ([, operation = '']) => operation));
}

/** Of the role itself, and of the policies that name it. */
function statementsOf(template: StackTemplate, roleId: string, role: TemplateResource): unknown[] {
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => resourcesOfType(template, type))
    .filter(([, { Properties }]) => listOf(Properties?.Roles).some((name) => member(name, 'Ref') === roleId))
    .map(([, { Properties }]) => Properties);
  return [...listOf(role.Properties?.Policies), ...attached].flatMap((policy) =>
    listOf(member(member(policy, 'PolicyDocument'), 'Statement')),
  );
}
