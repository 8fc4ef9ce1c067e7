import type { ConditionContext } from '../../../../policy/conditions.ts';
import { type Decision, decide } from '../../policy/decide.ts';
import { iotArn } from '../names.ts';
import type { Registry } from '../registry/registry.ts';
import type { Connect, Session } from './session.ts';

/** A device speaks of few topics; what goes beyond comes from one that makes up new ones. */
const MAX_DECISIONS = 1000;

export type MessageAction = 'iot:Publish' | 'iot:RetainPublish' | 'iot:Subscribe' | 'iot:Receive';

/** Decides by the policies attached to a certificate what its connection may do. */
export class Authorizer {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The ARN that an action of a device is about: `client/<id>`, `topic/<topic>` or `topicfilter/<filter>`. */
  resource(action: MessageAction | 'iot:Connect', name: string): string {
    const kind = action === 'iot:Connect' ? 'client' : action === 'iot:Subscribe' ? 'topicfilter' : 'topic';
    return iotArn(this.#registry.account, `${kind}/${name}`);
  }

  /** Whether a client may connect so (DG, connect-policy). */
  decideConnect(session: Session, connect: Connect): Decision {
    return this.#evaluate(session, connect.clientId, 'iot:Connect', this.resource('iot:Connect', connect.clientId), {
      'iot:ConnectAttributes': [...(connect.clean ? [] : ['PersistentConnect']), ...(connect.will ? ['LastWill'] : [])],
      'iot:LastWillTopic': connect.will && this.resource('iot:Publish', connect.will.topic),
    });
  }

  /**
   * Whether a client may do that with a topic or topic filter. Decisions are kept until the registry changes, so a change of
   * a policy or an attachment holds for the next message; at AWS it takes six to eight minutes to reach a live connection.
   */
  decide(session: Session, clientId: string, action: MessageAction, name: string): Decision {
    if (session.revision !== this.#registry.revision || session.decisions.size > MAX_DECISIONS) {
      session.decisions.clear();
      session.revision = this.#registry.revision;
    }
    const key = `${action} ${name}`;
    const known = session.decisions.get(key);
    if (known) return known;
    const decision = this.#evaluate(session, clientId, action, this.resource(action, name), {});
    session.decisions.set(key, decision);
    return decision;
  }

  #evaluate(
    { certificate, certificateAttributes, source }: Session,
    clientId: string,
    action: string,
    resource: string,
    conditions: ConditionContext,
  ): Decision {
    const thing = this.#registry.thingOf(certificate.id, clientId);
    const attributes = Object.entries(thing?.attributes ?? {}).map(
      ([name, value]) => [`iot:Connection.Thing.Attributes[${name}]`, value] as const,
    );
    return decide(this.#registry.policiesOf(certificate.id), {
      action,
      resource,
      // DG, basic-, thing- and cert-policy-variables. A thing's name stays unknown unless the certificate is attached to it.
      conditions: {
        ...certificateAttributes,
        'aws:SourceIp': source.ip,
        'iot:ClientId': clientId,
        'iot:CertificateId': certificate.id,
        'iot:Connection.Thing.IsAttached': String(thing !== undefined),
        'iot:Connection.Thing.ThingName': thing?.name,
        ...Object.fromEntries(attributes),
        ...conditions,
      },
    });
  }
}
