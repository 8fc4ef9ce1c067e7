import fc from 'fast-check';
import { expect, it } from 'vitest';
import { page } from '../../src/iot/paging.ts';

it('gives every item once and in order, whatever the page size', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string()),
      fc.integer({ min: 1, max: 250 }),
      fc.boolean(),
      (items, size, descending) => {
        const seen: string[] = [];
        let token: string | undefined;
        do {
          const { items: shown, next } = page(items, (item) => `key ${item}`, { size, token, descending });
          expect(shown.length).toBeLessThanOrEqual(size);
          seen.push(...shown);
          token = next;
        } while (token !== undefined);
        const sorted = [...items].sort();
        expect(seen).toEqual(descending ? sorted.reverse() : sorted);
      },
    ),
  );
});
