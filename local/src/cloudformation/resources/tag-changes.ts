/** A tag as most resource types and services write it. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** What is to be done so that the new tags stand where the old ones are. */
export function tagChanges(old: readonly Tag[] = [], now: readonly Tag[] = []): { set: Tag[]; remove: string[] } {
  return {
    set: now.filter(({ Key, Value }) => !old.some((tag) => tag.Key === Key && tag.Value === Value)),
    remove: old.map(({ Key }) => Key).filter((key) => !now.some(({ Key }) => Key === key)),
  };
}

/** For the services that take tags as an object. */
export const tagMap = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
