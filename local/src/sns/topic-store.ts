import { AwsError } from '../errors.ts';
import { resourcePolicy } from '../policy/resource-policy.ts';
import type { Account, Call, Operation } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import type { Tags } from '../tags.ts';

export interface Topic {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>> & { readonly Policy: string };
  readonly tags: Tags;
}

export interface Subscription {
  readonly SubscriptionArn: string;
  readonly TopicArn: string;
  readonly Protocol: 'sqs' | 'lambda';
  /** ARN of the queue or the function. */
  readonly Endpoint: string;
  /** The queue gets the message as it was published, without the envelope. */
  readonly raw: boolean;
}

export const invalid = (reason: string): AwsError =>
  new AwsError('InvalidParameterException', `Invalid parameter: ${reason}`);

interface TopicInput {
  readonly TopicArn?: string | undefined;
  /** In operations on tags. */
  readonly ResourceArn?: string | undefined;
}
type Access = Required<Pick<Operation<TopicInput, object>, 'resource' | 'conditions' | 'resourcePolicy'>>;

const arnIn = ({ TopicArn, ResourceArn = '' }: TopicInput): string => TopicArn ?? ResourceArn;

/** Topics and their subscriptions, which end with them. */
export class TopicStore {
  readonly #account: Account;
  readonly topics: Collection<Topic>;
  readonly subscriptions: Collection<Subscription>;

  constructor(state: State, account: Account) {
    this.#account = account;
    this.topics = state.collection('sns.topics');
    this.subscriptions = state.collection('sns.subscriptions');
  }

  arn(name: string): string {
    return `arn:aws:sns:${this.#account.region}:${this.#account.id}:${name}`;
  }

  get(arn: string): Topic | undefined {
    const topic = this.topics.get(arn.split(':')[5] ?? '');
    return topic && this.arn(topic.name) === arn ? topic : undefined;
  }

  subscriptionsOf(topic: Topic): Subscription[] {
    return [...this.subscriptions.values()].filter(({ TopicArn }) => TopicArn === this.arn(topic.name));
  }

  /** An operation on a topic that exists, open to whom the caller's own policies or the topic's allow it. */
  operation<I extends TopicInput, O extends object | void>(definition: {
    readonly takes: readonly (keyof I & string)[];
    readonly handle: (topic: Topic, input: I, call: Call) => O | Promise<O>;
  }): Operation<I, O> {
    return {
      takes: definition.takes,
      ...this.access,
      handle: (input, call) => {
        const topic = this.get(arnIn(input));
        if (!topic) throw new AwsError('NotFoundException', 'Topic does not exist', 404);
        return definition.handle(topic, input, call);
      },
    };
  }

  /** What IAM is asked about a topic. */
  readonly access: Access = {
    resource: arnIn,
    // Set where a service calls for the account: the policy that a topic has at first lets those in, and nobody else.
    conditions: (_, { principal, id }) => ({ 'aws:SourceOwner': principal.service === undefined ? undefined : id }),
    resourcePolicy: (input) => {
      const topic = this.get(arnIn(input));
      return topic && resourcePolicy(topic.attributes.Policy);
    },
  };
}
