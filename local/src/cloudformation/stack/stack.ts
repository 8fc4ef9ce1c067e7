import type {
  DeploymentConfig,
  OnStackFailure,
  Output,
  ResourceStatus,
  StackEvent,
  StackStatus,
  Tag,
} from '@aws-sdk/client-cloudformation';
import type { Attributes } from '../resources/provider.ts';
import type { StackParameter } from '../template/parameters.ts';
import type { DeletionPolicy } from '../template/template.ts';
import type { Properties, Value } from '../template/value.ts';

/** A stack as it is stored. */
export interface Stack {
  /** Its ARN. */
  readonly id: string;
  readonly name: string;
  readonly created: Date;
  updated: Date | undefined;
  deleted: Date | undefined;
  status: StackStatus;
  statusReason: string | undefined;
  /** What is deployed, or being deployed. */
  deployed: Deployed;
  /** What a rollback of the update that is under way or has failed leads back to. */
  before: Deployed | undefined;
  roleArn: string | undefined;
  changeSetId: string | undefined;
  terminationProtection: boolean;
  /** Of the latest operation, as it was given. */
  deploymentConfig: DeploymentConfig | undefined;
  /** Failures leave everything as it is, for another update. */
  disableRollback: boolean;
  onFailure: OnStackFailure;
}

/** What a deployment is made of. */
export interface Deployed {
  /** As it was given; empty while the first change set is under review. */
  readonly template: string;
  readonly description: string | undefined;
  readonly parameters: readonly StackParameter[];
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
  readonly outputs: readonly Output[];
  /** Names of the exports of other stacks that it uses. */
  readonly imports: readonly string[];
}

/** A resource of a stack as it is stored. */
export interface StackResource {
  readonly stackId: string;
  readonly logicalId: string;
  readonly type: string;
  status: ResourceStatus;
  statusReason: string | undefined;
  updated: Date;
  metadata: Value | undefined;
  deletionPolicy: DeletionPolicy;
  /** What exists; undefined before it is created. */
  now: Physical | undefined;
  /** What existed before the operation that is under way or has failed; `nothing` when the operation made the resource. */
  before: Physical | 'nothing' | undefined;
  /** Whether the operation has imported it: then no rollback deletes it. */
  imported?: boolean;
  /** What the operation has made beside the old one instead of changing that. */
  replaced: boolean;
  /** What is superseded and waits to be deleted. */
  leftovers: Leftover[];
}

/** One real thing behind a resource. */
export interface Physical {
  readonly id: string;
  readonly properties: Properties;
  readonly attributes: Properties;
  /** Logical ids of the resources it needs. */
  readonly dependencies: readonly string[];
}

export interface Leftover {
  readonly physical: Physical;
  /** Left alone by its policy: it leaves the stack, and stays. */
  readonly retain: boolean;
}

export type StoredEvent = StackEvent & { readonly StackId: string };

/** A change set as it is stored. */
export interface ChangeSet {
  /** Its ARN. */
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly created: Date;
  readonly description: string | undefined;
  readonly status: 'CREATE_COMPLETE' | 'FAILED';
  readonly statusReason: string | undefined;
  readonly target: Omit<Deployed, 'outputs' | 'imports'>;
  readonly roleArn: string | undefined;
  readonly onFailure: OnStackFailure | undefined;
  readonly deploymentConfig?: DeploymentConfig | undefined;
  readonly changes: readonly StoredChange[];
  /** By logical id, what identifies the resources that it imports. */
  readonly imported?: Readonly<Record<string, Attributes>>;
  /** It imports and does nothing else. */
  readonly isImport?: boolean;
}

/** A change as DescribeChangeSet answers it, without any value: those may be secrets. */
export interface StoredChange {
  readonly action: 'Add' | 'Import' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly replacement: 'True' | 'False' | 'Conditional' | undefined;
  readonly retain: boolean;
  readonly details: readonly {
    readonly attribute: 'Properties' | 'Metadata' | 'DeletionPolicy';
    readonly property: string | undefined;
    readonly recreation: 'Always' | 'Never';
    readonly dynamic: boolean;
  }[];
}

export const EMPTY: Deployed = {
  template: '',
  description: undefined,
  parameters: [],
  tags: [],
  capabilities: [],
  outputs: [],
  imports: [],
};

export const isInProgress = ({ status }: Stack): boolean =>
  status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
export const isDeleted = ({ status }: Stack): boolean => status === 'DELETE_COMPLETE';
