import type { Output } from '@aws-sdk/client-cloudformation';
import type { StackStore } from '../stack/stack-store.ts';
import { type Stack, isDeleted } from '../stack/stack.ts';
import type { ForeignScope } from '../template/scope.ts';
import { validationError } from '../template/template.ts';

/** An output under the name by which other stacks import it. */
export interface Export {
  readonly stack: Stack;
  readonly name: string;
  readonly value: string;
}

export const exportsOf = (store: StackStore): Export[] =>
  store
    .stacks()
    .filter((stack) => !isDeleted(stack))
    .flatMap((stack) =>
      stack.deployed.outputs.flatMap(({ ExportName: name, OutputValue: value = '' }) =>
        name === undefined ? [] : [{ stack, name, value }],
      ),
    );

/** What stacks see of each other. */
export const foreignScope = (store: StackStore): ForeignScope => ({
  importValue(name) {
    const found = exportsOf(store).find((exported) => exported.name === name);
    if (!found) throw validationError(`No export named ${name} found.`);
    return found.value;
  },
  stackOutput(stackName, output) {
    const found = store.find(stackName)?.deployed.outputs.find(({ OutputKey }) => OutputKey === output);
    if (found?.OutputValue === undefined)
      throw validationError(`Template error: the stack ${stackName} has no output ${output}`);
    return found.OutputValue;
  },
});

/** Throws when an export is taken by another stack, or when one that others use would change or vanish. */
export function checkExports(store: StackStore, stack: Stack, outputs: readonly Output[]): void {
  for (const { ExportName } of outputs) {
    const taken = exportsOf(store).find((exported) => exported.name === ExportName && exported.stack.id !== stack.id);
    if (taken) throw new Error(`Export with name ${ExportName} is already exported by stack ${taken.stack.name}.`);
  }
  for (const { ExportName: name, OutputValue: value } of (stack.before ?? stack.deployed).outputs) {
    const users = name === undefined ? [] : usersOf(store, stack, name);
    const now = outputs.find(({ ExportName }) => ExportName === name);
    if (users.length === 0 || now?.OutputValue === value) continue;
    throw new Error(`Export ${name} cannot be ${now ? 'updated' : 'deleted'} as it is in use by ${users.join(', ')}`);
  }
}

const usersOf = (store: StackStore, stack: Stack, exportName: string): string[] =>
  store
    .stacks()
    .filter((other) => other.id !== stack.id && !isDeleted(other) && other.deployed.imports.includes(exportName))
    .map(({ name }) => name);
