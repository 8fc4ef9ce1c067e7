import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAcyclic, inOrder, runInOrder } from '../../../src/cloudformation/plan/graph.ts';

const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges));

// Node n waits for some of the nodes before it, so there is no circle; the order of the map is shuffled.
const acyclic = fc.nat({ max: 12 }).chain((size) =>
  fc
    .tuple(
      ...Array.from({ length: size + 1 }, (_, node) => fc.subarray(Array.from({ length: node }, (_, n) => `n${n}`))),
    )
    .chain((edges) =>
      fc.shuffledSubarray(
        edges.map((dependencies, node) => [`n${node}`, dependencies] as const),
        { minLength: edges.length },
      ),
    )
    .map((entries) => new Map<string, string[]>(entries)),
);

describe('a circle', () => {
  it('is found, with all that are in it and nobody else', () => {
    expect(() => checkAcyclic(graph({ Start: ['A'], A: ['B'], B: ['C', 'D'], C: ['A'], D: [] }))).toThrow(
      'Circular dependency between resources: [A, B, C]',
    );
    expect(() => checkAcyclic(graph({ A: ['A'] }))).toThrow('Circular dependency between resources: [A]');
  });

  it('is not seen where there is none', () => {
    fc.assert(
      fc.property(acyclic, (edges) => {
        expect(() => checkAcyclic(edges)).not.toThrow();
      }),
    );
  });
});

it('puts every node behind those that it waits for', () => {
  fc.assert(
    fc.property(acyclic, (edges) => {
      const order = inOrder(edges);
      expect([...order].sort()).toEqual([...edges.keys()].sort());
      for (const [node, dependencies] of edges)
        for (const dependency of dependencies) expect(order.indexOf(dependency)).toBeLessThan(order.indexOf(node));
    }),
  );
});

describe('running', () => {
  it('begins each task when those before it have ended, and what waits for a failed one never', async () => {
    await fc.assert(
      fc.asyncProperty(acyclic, fc.func(fc.boolean()), async (edges, fails) => {
        const ended = new Set<string>();
        const begun = new Set<string>();
        const failed = await runInOrder(edges, async (node) => {
          begun.add(node);
          for (const dependency of edges.get(node) ?? []) expect(ended).toContain(dependency);
          await Promise.resolve();
          if (fails(node)) throw new Error(node);
          ended.add(node);
        });
        expect([...begun].sort()).toEqual([...ended, ...failed].sort());
        for (const [node, dependencies] of edges)
          expect(begun.has(node)).toBe(dependencies.every((dependency) => ended.has(dependency)));
      }),
    );
  });

  it('begins nothing more once it is stopped, and waits for what is under way', async () => {
    const ended: string[] = [];
    let stopped = false;
    await runInOrder(
      graph({ A: [], B: [], C: ['A'] }),
      async (node) => {
        if (node === 'A') stopped = true;
        await new Promise((resolve) => setImmediate(resolve));
        ended.push(node);
      },
      () => stopped,
    );
    expect(ended).toEqual(['A']);
  });
});
