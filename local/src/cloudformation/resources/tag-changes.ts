/** A tag as most resource types and services write it. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Brings the tags of a resource from the old ones to the new, by operations that are called only where there is something to do. */
export async function changeTags(
  old: Tag[] = [],
  now: Tag[] = [],
  set: (tags: Tag[]) => Promise<unknown>,
  remove: (keys: string[]) => Promise<unknown>,
): Promise<void> {
  const gone = old.map(({ Key }) => Key).filter((key) => !now.some(({ Key }) => Key === key));
  const changed = now.filter(({ Key, Value }) => !old.some((tag) => tag.Key === Key && tag.Value === Value));
  if (gone.length > 0) await remove(gone);
  if (changed.length > 0) await set(changed);
}

/** For the services that take tags as an object. */
export const tagMap = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
