/** The answer; undefined where what it is about does not exist (any more). */
export async function unlessGone<Answer>(
  asked: Promise<Answer>,
  isGone: (error: unknown) => boolean = (error) => (error as Error).name === 'ResourceNotFoundException',
): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** What all pages of an answer list. */
export async function listed<Page, Item>(
  pages: AsyncIterable<Page>,
  on: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...(on(page) ?? []));
  return found;
}
