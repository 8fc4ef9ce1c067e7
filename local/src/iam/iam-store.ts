import { type NamedPolicy, type PolicyDocument, PolicySyntaxError, parsePolicy } from '../../../policy/document.ts';
import { decide } from '../policy/decide.ts';
import type { Principal } from '../policy/principal.ts';
import { AwsError } from '../errors.ts';
import type { Account } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import { type Pace, quickPace } from '../pace/pace.ts';
import { Spreading } from '../pace/spreading.ts';
import { AWS_MANAGED_POLICIES } from './aws-managed-policies.ts';

export interface Role {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly created: Date;
  description: string | undefined;
  maxSessionSeconds: number;
  /** JSON of the trust policy. */
  trust: string;
  /** JSON by policy name. */
  inline: Record<string, string>;
  /** ARNs of managed policies. */
  attached: string[];
  tags: { Key: string; Value: string }[];
}

export interface ManagedPolicy {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly path: string;
  readonly created: Date;
  description: string | undefined;
  /** JSON by version id; `v1` is the first. */
  versions: Record<string, string>;
  defaultVersion: string;
}

export interface OidcProvider {
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly created: Date;
}

const noPolicies = (): readonly NamedPolicy[] => [];

/** What IAM knows: roles, managed policies and OIDC providers, and the principals that they make. */
export class IamStore {
  readonly roles: Collection<Role>;
  readonly policies: Collection<ManagedPolicy>;
  /** By ARN. */
  readonly oidcProviders: Collection<OidcProvider>;
  readonly #account: Account;
  readonly #pace: Pace;
  readonly #spreadingRoles = new Spreading<Role>();
  readonly #spreadingPolicies = new Spreading<ManagedPolicy>();
  readonly #parsed = new Map<string, PolicyDocument>();

  constructor(state: State, account: Account, pace: Pace = quickPace()) {
    this.#pace = pace;
    this.roles = state.collection('iam.roles');
    this.policies = state.collection('iam.policies');
    this.oidcProviders = state.collection('iam.oidc-providers');
    this.#account = account;
  }

  /** Stores a role that is new or changed, of which the rest of AWS hears later. @param before undefined when it is new */
  saveRole(role: Role, before: Role | undefined): void {
    this.#spreadingRoles.change(role.name, before, this.#pace.lag(before ? 'role-permissions' : 'new-role'));
    this.roles.set(role.name, role);
  }

  deleteRole({ name }: Role): void {
    this.#spreadingRoles.forget(name);
    this.roles.delete(name);
  }

  /** The same for a managed policy. */
  savePolicy(policy: ManagedPolicy, before: ManagedPolicy | undefined): void {
    if (before) this.#spreadingPolicies.change(policy.arn, before, this.#pace.lag('role-permissions'));
    this.policies.set(policy.arn, policy);
  }

  role(name: string): Role {
    const role = this.roles.get(name);
    if (!role) throw new AwsError('NoSuchEntityException', `The role with name ${name} cannot be found.`, 404);
    return role;
  }

  policy(arn: string): ManagedPolicy {
    const policy = this.policies.get(arn);
    if (!policy) throw new AwsError('NoSuchEntityException', `Policy ${arn} does not exist or is not attachable.`, 404);
    return policy;
  }

  roleByArn(arn: string): Role | undefined {
    const role = this.roles.get(arn.split('/').at(-1) ?? '');
    return role?.arn === arn ? role : undefined;
  }

  /** Whether an ARN names a managed policy, the account's own or one of AWS's that are known here. */
  isPolicy(arn: string): boolean {
    return this.policies.has(arn) || Object.hasOwn(AWS_MANAGED_POLICIES, arn);
  }

  /** Parses a document, refusing what IAM would refuse. */
  parse(text: string): PolicyDocument {
    const known = this.#parsed.get(text);
    if (known) return known;
    try {
      const document = parsePolicy(text);
      this.#parsed.set(text, document);
      return document;
    } catch (error) {
      if (!(error instanceof PolicySyntaxError)) throw error;
      throw new AwsError('MalformedPolicyDocumentException', `MalformedPolicyDocument: ${error.message}`, 400);
    }
  }

  /** A session of a role, as STS or an AWS service that assumes it gets one. */
  session(role: Role, sessionName: string): Principal {
    const account = this.#account.id;
    return {
      arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${sessionName}`,
      account,
      userId: `${role.id}:${sessionName}`,
      identityArn: role.arn,
      service: undefined,
      policies: this.#policiesOf.bind(this, role.name),
    };
  }

  /**
   * A role as an AWS service assumes it, e.g. a topic rule as `iot.amazonaws.com`. Throws AccessDenied when there is no such
   * role or it does not trust the service.
   */
  serviceSession(roleArn: string, service: string, sessionName: string): Principal {
    const role = this.roleByArn(roleArn);
    if (!role || !this.trusts(role, this.servicePrincipal(service)))
      throw new AwsError(
        'AccessDeniedException',
        `${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
        403,
      );
    return this.session(role, sessionName);
  }

  /** AWS's own hand: what a service does in the account's name. It has no policies of its own. */
  servicePrincipal(service: string): Principal {
    const { id } = this.#account;
    return { arn: service, account: id, userId: service, identityArn: undefined, service, policies: noPolicies };
  }

  /** Whether the role's trust policy lets that principal assume it. */
  trusts(role: Role, principal: Principal): boolean {
    const seen = this.#spreadingRoles.seen(role.name, role);
    if (!seen) return false;
    const policy = { name: `the trust policy of ${role.name}`, document: this.parse(seen.trust) };
    const conditions = { 'aws:SourceAccount': principal.service === undefined ? undefined : principal.account };
    const request = { action: 'sts:AssumeRole', resource: role.arn, conditions };
    return decide([], request, { policy, principal, accountIsEnough: true }).allowed;
  }

  /** The account's own user behind `.local/env`: an administrator, as people deploy with. */
  operator(): Principal {
    const { id } = this.#account;
    const arn = `arn:aws:iam::${id}:user/operator`;
    const administrator: NamedPolicy = {
      name: 'AdministratorAccess',
      document: this.parse(AWS_MANAGED_POLICIES['arn:aws:iam::aws:policy/AdministratorAccess'] ?? ''),
    };
    return {
      arn,
      account: id,
      userId: 'AIDAOPERATOR00000000',
      identityArn: arn,
      service: undefined,
      policies: () => [administrator],
    };
  }

  #policiesOf(roleName: string): NamedPolicy[] {
    const role = this.#spreadingRoles.seen(roleName, this.roles.get(roleName));
    if (!role) return [];
    const inline = Object.entries(role.inline).map(([name, text]) => ({ name, document: this.parse(text) }));
    const attached = role.attached.map((arn) => {
      const own = this.#spreadingPolicies.seen(arn, this.policies.get(arn));
      const text = own ? (own.versions[own.defaultVersion] ?? '') : (AWS_MANAGED_POLICIES[arn] ?? '');
      return { name: arn.split('/').at(-1) ?? arn, document: this.parse(text) };
    });
    return [...inline, ...attached];
  }
}
