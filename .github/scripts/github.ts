/** Calls GitHub's REST API with the token and the address that a workflow has in its environment. */
export class GitHub {
  readonly #base: string;
  readonly #headers: Record<string, string>;

  /** @throws {Error} naming a variable that is missing */
  constructor(env: NodeJS.ProcessEnv) {
    this.#base = `${env.GITHUB_API_URL ?? 'https://api.github.com'}/repos/${needed(env, 'GITHUB_REPOSITORY')}`;
    this.#headers = {
      authorization: `Bearer ${needed(env, 'GITHUB_TOKEN')}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
    };
  }

  /**
   * @param path below the repository, such as `/issues/7/comments`
   * @throws {Error} with GitHub's answer, when that is no success
   */
  async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.#base + path, {
      method,
      headers: this.#headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`GitHub refused ${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** All entries of a list, page by page. */
  async list<Entry>(path: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (let page = 1; ; page += 1) {
      const more = (await this.call(
        'GET',
        `${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${page}`,
      )) as Entry[];
      entries.push(...more);
      if (more.length < 100) return entries;
    }
  }
}

/** A variable of the environment that has to be there. */
export function needed(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}
