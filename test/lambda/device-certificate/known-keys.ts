import { vi } from 'vitest';
import type * as newKey from '../../../aws/new-key.ts';

/*
 * For tests of thousands of cases: the keys are real, but the same ones come round again, and what was signed for one of
 * them is kept. More keys than a single case makes, so that within it each is new.
 */
const KEYS = 64;

vi.mock('../../../aws/new-key.ts', async (original) => {
  const { newPrivateKey, certificateRequest } = await original<typeof newKey>();
  const keys = new Map<string, string[]>();
  const requests = new Map<string, Promise<string>>();
  let made = 0;
  return {
    newPrivateKey: (keyType: Parameters<typeof newPrivateKey>[0]) => {
      const known = keys.get(keyType) ?? [];
      keys.set(keyType, known);
      return (known[made++ % KEYS] ??= newPrivateKey(keyType));
    },
    certificateRequest: (key: string, commonName: string) => {
      const id = `${commonName} ${key}`;
      const request = requests.get(id) ?? certificateRequest(key, commonName);
      requests.set(id, request);
      return request;
    },
  } satisfies typeof newKey;
});
