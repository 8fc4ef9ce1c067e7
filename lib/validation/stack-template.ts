import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A resource as the template has it: intrinsic functions are not resolved. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: unknown;
  readonly UpdateReplacePolicy?: unknown;
}

/** What CloudFormation would be given for one stack. */
export interface StackTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
  readonly Parameters?: Readonly<Record<string, { readonly NoEcho?: unknown }>>;
  /** The folder of the cloud assembly, from which the paths of assets go. */
  readonly assembly: string;
}

/** @param path of a template in JSON, as CDK synthesizes it */
export function readStackTemplate(path: string): StackTemplate {
  const template = JSON.parse(readFileSync(path, 'utf8')) as Partial<StackTemplate>;
  return { ...template, Resources: template.Resources ?? {}, assembly: dirname(path) };
}

/** The resources of one type, with their logical ids. */
export function resourcesOfType(template: StackTemplate, type: string): [logicalId: string, TemplateResource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** A member of what may be an object. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Nothing, one or a list, as policies have them: always a list. */
export function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}
