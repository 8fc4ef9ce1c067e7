import { z } from 'zod';
import { sortedBy } from './order.ts';

/** A package whose version has changed. */
export interface DependencyChange {
  readonly name: string;
  /** Of all its copies; undefined when there was none. */
  readonly before?: string;
  readonly after?: string;
  /** Whether a package.json of the project names it. */
  readonly direct: boolean;
}

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      link: z.boolean().optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
      devDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

type Lock = z.infer<typeof lockSchema>['packages'];

/** @param before text of a package-lock.json, empty when there is none */
export function dependencyChanges(before: string, after: string): DependencyChange[] {
  const [lockBefore, lockAfter] = [packagesOf(before), packagesOf(after)];
  const [versionsBefore, versionsAfter] = [versionsOf(lockBefore), versionsOf(lockAfter)];
  const direct = new Set([...directOf(lockBefore), ...directOf(lockAfter)]);
  const changed = [...new Set([...versionsBefore.keys(), ...versionsAfter.keys()])].flatMap(
    (name): DependencyChange[] => {
      const [then, now] = [versionsBefore.get(name), versionsAfter.get(name)];
      if (then === now) return [];
      return [{ name, ...(then && { before: then }), ...(now && { after: now }), direct: direct.has(name) }];
    },
  );
  return sortedBy(changed, ({ name }) => name);
}

function packagesOf(lock: string): Lock {
  return lock === '' ? {} : lockSchema.parse(JSON.parse(lock)).packages;
}

const FOLDER = 'node_modules/';

function versionsOf(lock: Lock): Map<string, string> {
  const versions = new Map<string, Set<string>>();
  for (const [path, { version, link }] of Object.entries(lock)) {
    const at = path.lastIndexOf(FOLDER);
    if (at === -1 || link || version === undefined) continue; // the project's own
    const name = path.slice(at + FOLDER.length);
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  return new Map([...versions].map(([name, found]) => [name, [...found].sort().join(', ')]));
}

function directOf(lock: Lock): string[] {
  return Object.entries(lock)
    .filter(([path]) => !path.includes(FOLDER))
    .flatMap(([, { dependencies, devDependencies }]) => Object.keys({ ...dependencies, ...devDependencies }));
}
