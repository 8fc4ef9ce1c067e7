import { CfnOutput, CfnParameter, Fn, type Stack, Token } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { findings, fleetApp, resource } from './checked-fleet.ts';

/** What is said when the function has this environment. */
function said(variables: Record<string, unknown>): string[] {
  const app = fleetApp();
  resource(app, 'AWS::Lambda::Function').addPropertyOverride('Environment', { Variables: variables });
  return findings(app);
}

test.each([
  ['a private key', { NOTE: '-----BEGIN EC ' + 'PRIVATE KEY-----\nMHc' }],
  ['an AWS access key', { NOTE: `AKIA${'A'.repeat(16)}` }],
  ['a secret that CloudFormation resolves', { NOTE: '{{resolve:secretsmanager:mine:SecretString}}' }],
  ['a secret that CloudFormation resolves', { NOTE: '{{resolve:ssm-secure:/mine}}' }],
])('a text that is %s is found', (what, variables) => {
  expect(said(variables)).toEqual([
    `secret-in-template: At Properties.Environment.Variables.NOTE, ${what} passes through the template.`,
  ]);
});

test.each(['WIFI_PASSWORD', 'privateKeyPem', 'apiKey', 'AuthToken', 'clientSecret'])(
  'a property whose name says that it is one is found: %s',
  (name) => {
    expect(said({ [name]: 'hunter2' })).toEqual([
      `secret-in-template: What "${name}" holds passes through the template.`,
    ]);
    expect(said({ [name]: { Ref: 'AWS::StackName' } })).toHaveLength(1);
  },
);

test.each([
  ['SECRET_ARN', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:mine'],
  ['PASSWORD_LENGTH', 12],
  ['ServiceToken', 'arn:aws:lambda:eu-west-1:123456789012:function:mine'],
  ['password', ''],
  ['publicKeyPem', '-----BEGIN PUBLIC KEY-----'],
])('what only speaks of a secret passes: %s', (name, value) => {
  expect(said({ [name]: value })).toEqual([]);
});

test('what a custom resource would answer with is found, in an output as well', () => {
  const app = fleetApp();
  const certificate = resource(app, 'Custom::DeviceCertificate');
  new CfnOutput(certificate.stack, 'Key', { value: Token.asString(certificate.getAtt('privateKeyPem')) });
  new CfnOutput(certificate.stack, 'Text', { value: Fn.sub('it is ${kitchenCertificate.privateKey}') });
  expect(findings(app)).toEqual([
    'secret-in-template: The attribute privateKeyPem passes through the template.',
    'secret-in-template: The attribute privateKey passes through the template.',
  ]);
});

test('a parameter that is not shown is found', () => {
  const app = fleetApp();
  const stack = app.node.findChild('fleet-telemetry') as Stack;
  new CfnParameter(stack, 'Wifi', { noEcho: true });
  new CfnParameter(stack, 'Room', { noEcho: false });
  expect(findings(app)).toEqual(['secret-in-template: The parameter Wifi takes a secret into the stack.']);
});
