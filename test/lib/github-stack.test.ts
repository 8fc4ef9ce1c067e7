import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { FleetNames } from '../../lib/fleet/names.ts';
import { fleetSettings } from '../../lib/fleet/settings.ts';
import { GithubStack } from '../../lib/github-stack.ts';
import { resourcesOf, templateOf, testApp } from './synthesized.ts';

function githubTemplate(setting: unknown, name?: string) {
  const { github } = fleetSettings({ github: setting });
  if (github === undefined) throw new Error('no setting');
  return templateOf(new GithubStack(testApp(), { names: new FleetNames({ name }), fleetId: 'ours', github }));
}

interface Trust {
  readonly Statement: readonly {
    readonly Action: string;
    readonly Condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }[];
}

function trustOf(template: ReturnType<typeof githubTemplate>): Trust['Statement'] {
  const [role] = Object.values(resourcesOf(template)).filter(({ Type }) => Type === 'AWS::IAM::Role');
  return (role?.Properties?.AssumeRolePolicyDocument as Trust).Statement;
}

/** Whether the trust policy lets a token with this subject in, by StringLike (IAM User Guide): `*` is any text. */
function lets(setting: unknown, subject: string): boolean {
  const [statement] = trustOf(githubTemplate(setting));
  const patterns = statement?.Condition.StringLike?.['token.actions.githubusercontent.com:sub'];
  return [patterns].flat().some((pattern) =>
    new RegExp(
      `^${String(pattern)
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')}$`,
    ).test(subject),
  );
}

test('off by default', () => {
  expect(fleetSettings({}).github).toBeUndefined();
});

test('a job in the environment may assume the role with a token for AWS, and nobody else', () => {
  expect(trustOf(githubTemplate('me/garden'))).toEqual([
    expect.objectContaining({
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
        StringLike: { 'token.actions.githubusercontent.com:sub': expect.anything() as unknown },
      },
    }),
  ]);
});

// GitHub's changelog of 2026-04-23, "Immutable subject claims", and its "OpenID Connect reference".
test.each([
  ['me/garden', 'repo:me/garden:environment:fleet', true],
  ['me/garden', 'repo:me@1/garden@22:environment:fleet', true],
  ['me/garden', 'repo:me/garden:environment:other', false],
  ['me/garden', 'repo:me/garden:ref:refs/heads/main', false],
  ['me/garden', 'repo:me/garden:pull_request', false],
  ['me/garden', 'repo:me/garden2:environment:fleet', false],
  ['me/garden', 'repo:me@1/garden2@22:environment:fleet', false],
  ['me/garden', 'repo:me2/garden:environment:fleet', false],
  ['me/garden', 'repo:me2@1/garden@22:environment:fleet', false],
  ['me/garden', 'repo:me@1/other@3:environment:x%3A/garden@2%3Aenvironment%3Afleet', false],
  ['me/gar.den', 'repo:me/garxden:environment:fleet', false],
  ['me@1/garden@22', 'repo:me@1/garden@22:environment:fleet', true],
  ['me@1/garden@22', 'repo:me@1/garden@23:environment:fleet', false],
  ['me@1/garden@22', 'repo:me/garden:environment:fleet', false],
])('%s: %s is let in: %s', (repository, subject, isLetIn) => {
  expect(lets(repository, subject)).toBe(isLetIn);
});

test('the role may assume two roles of cdk bootstrap in this account and region, and do nothing else', () => {
  const template = githubTemplate('me/garden');
  const role = (name: string) => ({
    'Fn::Join': [
      '',
      ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, `:role/cdk-hnb659fds-${name}-`].concat([
        { Ref: 'AWS::AccountId' },
        '-',
        { Ref: 'AWS::Region' },
      ] as never[]),
    ],
  });
  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [
      {
        PolicyDocument: {
          Statement: [
            {
              Action: 'sts:AssumeRole',
              Effect: 'Allow',
              Resource: [role('deploy-role'), role('file-publishing-role')],
              Sid: 'AssumeBootstrapRoles',
            },
          ],
          Version: '2012-10-17',
        },
      },
    ],
    ManagedPolicyArns: Match.absent(),
  });
  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.hasOutput('DeployRoleArn', {});
});

test('it brings the provider, unless the account has it', () => {
  githubTemplate('me/garden').hasResourceProperties('AWS::IAM::OIDCProvider', {
    Url: 'https://token.actions.githubusercontent.com',
    ClientIdList: ['sts.amazonaws.com'],
  });
  const existing = githubTemplate({ repository: 'me/garden', provider: 'existing' });
  existing.resourceCountIs('AWS::IAM::OIDCProvider', 0);
  expect(JSON.stringify(trustOf(existing))).toContain(':oidc-provider/token.actions.githubusercontent.com');
});

test.each(['garden', 'me/', '/garden', 'me/gar*den', 'me/garden:x', 'me@1/garden', '*/garden', 'me/a/b'])(
  'the repository %j is refused',
  (repository) => {
    expect(() => fleetSettings({ github: repository })).toThrow(/owner\/name/);
    expect(() => fleetSettings({ github: { repository } })).toThrow(/owner\/name/);
  },
);
