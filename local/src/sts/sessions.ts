import { randomBytes } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { IamStore } from '../iam/iam-store.ts';
import { type Role } from '../iam/iam-store.ts';
import { uniqueId } from '../iam/roles.ts';
import type { Principal } from '../policy/principal.ts';
import type { Collection, State } from '../state/state.ts';
import type { Credentials } from '../wire/http-server.ts';

export interface SessionCredentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: Date;
}

interface Session extends SessionCredentials {
  readonly roleName: string;
  readonly roleId: string;
  readonly sessionName: string;
}

/** The access keys that are out: the operator's own, and one set for each role session. */
export class Sessions implements Credentials {
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly #iam: IamStore;
  readonly #sessions: Collection<Session>;

  constructor(state: State, iam: IamStore) {
    this.#iam = iam;
    this.#sessions = state.collection('sts.sessions');
    const operator = state.collection<{ accessKeyId: string; secretAccessKey: string }>('sts.operator');
    this.operator = operator.get('key') ?? {
      accessKeyId: uniqueId('AKIA'),
      secretAccessKey: randomBytes(30).toString('base64'),
    };
    operator.set('key', this.operator);
  }

  /** Makes credentials for a session of the role, valid for `seconds`. */
  open(role: Role, sessionName: string, seconds: number): SessionCredentials {
    for (const session of this.#sessions.values())
      if (session.Expiration.getTime() < Date.now()) this.#sessions.delete(session.AccessKeyId);
    const session: Session = {
      AccessKeyId: uniqueId('ASIA'),
      SecretAccessKey: randomBytes(30).toString('base64'),
      SessionToken: randomBytes(48).toString('base64'),
      Expiration: new Date(Date.now() + seconds * 1000),
      roleName: role.name,
      roleId: role.id,
      sessionName,
    };
    this.#sessions.set(session.AccessKeyId, session);
    return session;
  }

  find(accessKeyId: string, sessionToken: string | undefined): { secretAccessKey: string; principal: Principal } {
    // A key that is for good has no token: AWS refuses it with one, such as of another account that the shell still has.
    if (accessKeyId === this.operator.accessKeyId && sessionToken === undefined)
      return { secretAccessKey: this.operator.secretAccessKey, principal: this.#iam.operator() };
    const session = this.#sessions.get(accessKeyId);
    if (!session || session.SessionToken !== sessionToken)
      throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
    if (session.Expiration.getTime() < Date.now())
      throw new AwsError('ExpiredToken', 'The security token included in the request is expired.', 403);
    const role = this.#iam.roles.get(session.roleName);
    // A role made again under the same name is another role.
    if (role?.id !== session.roleId)
      throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
    return {
      secretAccessKey: session.SecretAccessKey,
      principal: { ...this.#iam.session(role, session.sessionName), accessKeyId },
    };
  }
}
