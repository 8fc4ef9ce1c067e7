import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { App } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { expect, test } from 'vitest';
import { findings, fleetApp } from './checked-fleet.ts';

function functionOf(app: App): LambdaFunction {
  const functions = app.node.findAll().filter((node) => node instanceof LambdaFunction);
  const found = functions.find(({ node }) => node.path.includes('DeviceCertificates'));
  if (found === undefined) throw new Error('no function in the fleet');
  return found;
}

/** What is said when the function's role has this permission besides its own. */
function said(actions: string[], resources = ['arn:aws:iot:eu-west-1:123456789012:cert/1']): string[] {
  const app = fleetApp();
  functionOf(app).addToRolePolicy(new PolicyStatement({ actions, resources }));
  return findings(app);
}

test('the role of the function passes: its code calls all that it allows', () => {
  expect(findings(fleetApp())).toEqual([]);
});

test.each(['iot:CreateThing', 'iot:DeleteThing', 'ssm:GetParameterHistory', 'iot:*', 'ssm:Get*', '*'])(
  'an action that the code never calls is found: %s',
  (action) => {
    expect(said([action])).toEqual([
      `function-role: The function's role allows ${action}, which its code never calls.`,
    ]);
  },
);

test('an action that the code calls is found on every resource, unless it knows none', () => {
  expect(said(['iot:UpdateCertificate'], ['*'])).toEqual([
    "function-role: The function's role allows iot:UpdateCertificate on every resource.",
  ]);
  expect(said(['iot:CreateCertificateFromCsr'], ['*'])).toEqual([]);
});

test('what SSM asks AWS KMS in the name of the function passes, and AWS KMS by itself is found', () => {
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const app = fleetApp();
  const conditions = { StringEquals: { 'kms:ViaService': 'ssm.eu-west-1.amazonaws.com' } };
  functionOf(app).addToRolePolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [key], conditions }));
  expect(findings(app)).toEqual([]);
  expect(said(['kms:Decrypt'], [key])).toEqual([
    "function-role: The function's role allows kms:Decrypt, which its code never calls.",
  ]);
});

test('a managed policy is found by its name', () => {
  const app = fleetApp();
  const role = functionOf(app).role as Role;
  role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('AWSIoTFullAccess'));
  expect(findings(app)).toEqual(["function-role: The function's role has the managed policy AWSIoTFullAccess."]);
});

test('a function whose code cannot be read is found, whatever its role allows', () => {
  const app = fleetApp();
  new LambdaFunction(app.node.findChild('fleet-telemetry'), 'Inline', {
    code: Code.fromInline('exports.handler = () => 1'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    role: new Role(app.node.findChild('fleet-telemetry'), 'Bare', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    }),
  });
  expect(findings(app)).toEqual([expect.stringContaining('cannot be compared with its code')]);
});
