import type { Template } from '../template/template.ts';
import type { Operation } from './operation.ts';

/** There is no way back from here: what was before no longer counts. */
export function settle(operation: Operation, template: Template): void {
  operation.stack.before = undefined;
  for (const resource of operation.resources()) {
    const declaration = template.resources[resource.logicalId];
    if (declaration) {
      resource.metadata = declaration.metadata;
      resource.deletionPolicy = declaration.deletionPolicy;
    }
    resource.before = undefined;
    resource.replaced = false;
    resource.imported = false;
    operation.save(resource);
  }
}
