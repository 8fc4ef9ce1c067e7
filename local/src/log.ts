import pc from 'picocolors';

/** Where the local cloud says what it does: one line an event. Never a payload, a key or a secret. */
export interface Log {
  info(line: string): void;
  /** A refusal: who, action, resource, why. */
  refused(refusal: Refusal): void;
  warn(line: string): void;
}

export interface Refusal {
  /** ARN of the caller, or what is known of it. */
  readonly who: string;
  readonly action: string;
  readonly resource: string;
  /** The statement that denied, that none allowed, or the state of the certificate. */
  readonly why: string;
  /** Of an MQTT client, where it named one. */
  readonly clientId?: string | undefined;
  /** The certificate of an MQTT client, where it presented one. */
  readonly certificateId?: string | undefined;
}

/** One line, in the same words everywhere, so that it can be searched for. */
export const refusalLine = ({ who, action, resource, why }: Refusal): string =>
  `refused ${action} on ${resource} by ${who}: ${why}`;

/** Writes to a stream, with the time; colours only on a terminal. */
export function streamLog(stream: NodeJS.WriteStream): Log {
  const colours = pc.createColors(stream.isTTY && pc.isColorSupported);
  // What clients send stands in some lines: a control character must not start a line of its own or steer the terminal.
  const printable = (line: string): string => line.replace(/\p{Cc}/gu, ' ');
  const write = (line: string): void =>
    void stream.write(`${colours.dim(new Date().toISOString().slice(11, 23))} ${line}\n`);
  return {
    info: (line) => write(printable(line)),
    refused: (refusal) => write(colours.red(printable(refusalLine(refusal)))),
    warn: (line) => write(colours.yellow(printable(line))),
  };
}

/** For tests and quiet runs: keeps the lines. */
export function memoryLog(): Log & { readonly lines: string[]; readonly refusals: Refusal[] } {
  const lines: string[] = [];
  const refusals: Refusal[] = [];
  return {
    lines,
    refusals,
    info: (line) => void lines.push(line),
    warn: (line) => void lines.push(line),
    refused: (refusal) => {
      refusals.push(refusal);
      lines.push(refusalLine(refusal));
    },
  };
}
