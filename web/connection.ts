import type { Failure, ServerEvent } from './wire.ts';

/** The token that the link has. It stands in the page's address alone, so that a reload finds it again. */
const TOKEN = new URLSearchParams(location.search).get('token') ?? '';

const HEADERS = { authorization: `Bearer ${TOKEN}` };

/** The server sends something every two seconds. */
const SILENCE_MS = 6_000;

const RETRY_MS = 1_000;

/** Asks the server. @throws {Error} with a line for people */
export async function ask<Answer>(
  path: string,
  query: Readonly<Record<string, string | number>> = {},
): Promise<Answer> {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return answerOf(await request(`${path}?${search}`, { headers: HEADERS }));
}

/** Has the server do something. @throws {Error} with a line for people */
export async function tell<Answer>(path: string, body: object): Promise<Answer> {
  const headers = { ...HEADERS, 'content-type': 'application/json' };
  return answerOf(await request(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch {
    throw new Error(NO_SERVER);
  }
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  const body = (await response.json()) as Answer | Failure;
  if (response.ok) return body as Answer;
  throw new Error((body as Failure).error);
}

const NO_SERVER = 'The server of this page does not answer. Does the command that opened it still run?';
const OLD_LINK = 'This link is no longer valid: its server was started anew. Open the link that was printed then.';

/**
 * What the server tells, for as long as the page is open.
 *
 * @param onEvent called with each event
 * @param onProblem called with what is wrong with the server itself, and with undefined once it is right again
 */
export async function listen(
  onEvent: (event: ServerEvent) => void,
  onProblem: (problem: string | undefined) => void,
): Promise<void> {
  for (;;) {
    try {
      const silence = new AbortController();
      const response = await fetch('/api/events', { headers: HEADERS, signal: silence.signal });
      if (response.status === 401) return onProblem(OLD_LINK);
      if (!response.ok || response.body === null) throw new Error('no events');
      onProblem(undefined);
      for await (const event of eventsIn(response.body, silence)) onEvent(event);
    } catch {
      // Ended, silent or not there: the same for whoever looks.
    }
    onProblem(NO_SERVER);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Server-sent events. EventSource could not send the token in a header. */
async function* eventsIn(body: ReadableStream<Uint8Array>, silence: AbortController): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (;;) {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const { done, value } = await reader.read();
    clearTimeout(timer);
    if (done) return;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (part.startsWith('data: ')) yield JSON.parse(part.slice('data: '.length)) as ServerEvent;
    }
  }
}
