import { provider } from './provider.ts';

/** CDK's note of the constructs that a stack uses, for AWS's statistics: there is nothing to make. */
export const cdkMetadata = provider<{ readonly Analytics?: string }>({
  properties: ['Analytics'],
  create: async ({ name, created }) => created({ Id: name({ max: 128 }) }),
  update: async ({ attributes }) => attributes,
  delete: async () => {},
});
