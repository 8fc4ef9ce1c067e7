import type { Readable } from 'node:stream';

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

/** The most that one event of CloudWatch Logs holds, in characters here. */
const MAX_LINE = 256 * 1024;

/**
 * Reads what a function writes to one of its outputs, line by line. The runner ends each invocation with its request id
 * between two NULs: only when that has come through has all that belongs to the invocation.
 */
export function readLines(
  output: Readable,
  { line, end }: { readonly line: (line: LogLine) => void; readonly end: (requestId: string) => void },
): void {
  let rest = '';
  const emit = (message: string): void => {
    if (message !== '') line({ timestamp: Date.now(), message: message.slice(0, MAX_LINE) });
  };
  output.setEncoding('utf8');
  output.on('data', (chunk: string) => {
    const parts = (rest + chunk).split(/\n|\0([0-9a-f-]{36})\0/);
    // Text and request id take turns; a line break has no id. The last text goes on with the next chunk.
    for (let at = 0; at + 1 < parts.length; at += 2) {
      emit(parts[at] ?? '');
      const requestId = parts[at + 1];
      if (requestId !== undefined) end(requestId);
    }
    rest = parts.at(-1) ?? '';
    if (rest.length > MAX_LINE) {
      emit(rest);
      rest = '';
    }
  });
  output.on('end', () => emit(rest.replace(/\0.*$/s, '')));
}
