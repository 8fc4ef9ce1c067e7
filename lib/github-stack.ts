import { CfnOutput } from 'aws-cdk-lib';
import { CfnOIDCProvider, PolicyDocument, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import { type Construct } from 'constructs';
import { FleetStack } from './fleet-stack.ts';
import type { FleetNames } from './fleet/names.ts';
import type { FleetSettings } from './fleet/schema.ts';
import { allow } from './permission.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const AUDIENCE = 'sts.amazonaws.com'; // which aws-actions/configure-aws-credentials asks for

/** The environment of .github/workflows/deploy.yml, which GitHub limits to a branch. */
const ENVIRONMENT = 'fleet';

/** The roles of `cdk bootstrap` that a deployment assumes; it looks nothing up, and publishes no container images. */
const BOOTSTRAP_ROLES = ['deploy-role', 'file-publishing-role'];

export interface GithubStackProps {
  readonly names: FleetNames;
  /** Of the fleet, see fleet-id.ts. */
  readonly fleetId: string;
  /** Which repository deploys. */
  readonly github: NonNullable<FleetSettings['github']>;
}

/**
 * What lets the workflow of a GitHub repository deploy without any key: GitHub's OIDC provider, and a role that it may
 * assume. That role may do nothing but assume roles of `cdk bootstrap` in this account and region.
 */
export class GithubStack extends FleetStack {
  constructor(scope: Construct, { names, fleetId, github: { repository, provider } }: GithubStackProps) {
    super(scope, {
      stackName: names.githubStack,
      fleetId,
      description: `esp-fleet: lets the workflow of ${repository} on GitHub deploy`,
    });
    // An account has one for an issuer, whose ARN follows from that (IAM API Reference, CreateOpenIDConnectProvider).
    const arn =
      provider === 'new'
        ? new CfnOIDCProvider(this, 'Provider', { url: `https://${ISSUER}`, clientIdList: [AUDIENCE] }).attrArn
        : this.formatArn({ service: 'iam', region: '', resource: 'oidc-provider', resourceName: ISSUER });
    const role = new Role(this, 'DeployRole', {
      description: `Deploys esp-fleet from ${repository} on GitHub`,
      assumedBy: new WebIdentityPrincipal(arn, {
        StringEquals: { [`${ISSUER}:aud`]: AUDIENCE },
        StringLike: { [`${ISSUER}:sub`]: subjects(repository) },
      }),
      inlinePolicies: {
        Deploy: new PolicyDocument({
          statements: [
            allow(
              'AssumeBootstrapRoles',
              ['sts:AssumeRole'],
              ...BOOTSTRAP_ROLES.map((name) => this.#bootstrapRole(name)),
            ),
          ],
        }),
      },
    });
    new CfnOutput(this, 'DeployRoleArn', {
      description: 'The variable AWS_DEPLOY_ROLE of the repository',
      value: role.roleArn,
    });
  }

  #bootstrapRole(name: string): string {
    const qualifier = this.synthesizer.bootstrapQualifier ?? 'hnb659fds';
    const resourceName = `cdk-${qualifier}-${name}-${this.account}-${this.region}`;
    return this.formatArn({ service: 'iam', region: '', resource: 'role', resourceName });
  }
}

/**
 * The subjects of the tokens that GitHub gives a job in the environment. Of repositories that were made, renamed or
 * transferred since July 2026, or that chose so, the numbers of owner and repository stand behind their names (GitHub
 * changelog, 2026-04-23); no name has an "@". Where the numbers are not known, any will do: no other repository of that owner
 * can have the name, and GitHub writes a ":" in the name of an environment as %3A (its documentation, "OpenID Connect reference", filtering for
 * metadata containing `:`), so that none can pass for another.
 */
function subjects(repository: string): string[] {
  const subject = (of: string) => `repo:${of}:environment:${ENVIRONMENT}`;
  if (repository.includes('@')) return [subject(repository)];
  return [subject(repository), subject(repository.replace('/', '@*/').concat('@*'))];
}
