import { AwsError } from '../../errors.ts';
import type { Value, ValueMap } from './value.ts';

/** A CloudFormation template after its form has been checked. */
export interface Template {
  readonly description: string | undefined;
  readonly metadata: Value | undefined;
  readonly parameters: Readonly<Record<string, ParameterDeclaration>>;
  readonly mappings: Readonly<Record<string, ValueMap>>;
  readonly conditions: ValueMap;
  readonly rules: Readonly<Record<string, Rule>>;
  readonly resources: Readonly<Record<string, ResourceDeclaration>>;
  readonly outputs: Readonly<Record<string, OutputDeclaration>>;
}

export interface ParameterDeclaration {
  readonly Type: string;
  readonly Default?: string | number | boolean;
  readonly NoEcho?: boolean | string;
  readonly AllowedValues?: readonly (string | number | boolean)[];
  readonly AllowedPattern?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly Description?: string;
  readonly ConstraintDescription?: string;
}

export interface Rule {
  readonly condition: Value | undefined;
  readonly assertions: readonly { readonly assert: Value; readonly description: string }[];
}

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

export interface ResourceDeclaration {
  readonly type: string;
  readonly properties: ValueMap;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
  readonly metadata: Value | undefined;
  readonly deletionPolicy: DeletionPolicy;
  /** Whether the template says so itself, which it has to for what is imported. */
  readonly hasDeletionPolicy: boolean;
  /** What becomes of the old one when the resource is replaced. */
  readonly updateReplacePolicy: 'Delete' | 'Retain';
}

export interface OutputDeclaration {
  readonly value: Value;
  readonly description: string | undefined;
  readonly condition: string | undefined;
  /** Name under which other stacks import the value. */
  readonly exportName: Value | undefined;
}

/** What is wrong with a template, a parameter or a property, as CloudFormation answers it. */
export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);
