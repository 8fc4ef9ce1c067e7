/** The tags of a resource, by key. */
export type Tags = Readonly<Record<string, string>>;

interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** Tags from the list in which most services take them. */
export const tagsOf = (list: readonly Tag[] = []): Tags =>
  Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value] as const));

/** Tags as the list in which most services answer them. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const withoutTags = (tags: Tags, keys: readonly string[] = []): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
