import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CliError } from '../terminal/cli-error.ts';
import { printSentence, type Terminal } from '../terminal/terminal.ts';

/** What a board needs to join a network. */
export interface Wifi {
  readonly ssid: string;
  /** Empty for an open network. */
  readonly password: string;
}

interface Question {
  readonly question: string;
  readonly isSecret?: true;
  readonly fits: (answer: string) => boolean;
  /** What is said of an answer that does not. */
  readonly otherwise: string;
}

/** IEEE 802.11: a name has 32 bytes at most; a passphrase 8 to 63 characters, or a key 64 digits. */
const SSID: Question = {
  question: 'Name of the Wi-Fi: ',
  fits: (text: string) => text !== '' && Buffer.byteLength(text) <= 32 && isPrintable(text),
  otherwise: 'that is no name of a Wi-Fi; allowed: 1 to 32 bytes of text',
};
const PASSWORD: Question = {
  isSecret: true,
  question: 'Its password, which is not shown: ',
  fits: (text: string) => text === '' || (text.length >= 8 && text.length <= 64 && isPrintable(text)),
  otherwise: 'that is no password of a Wi-Fi; allowed: 8 to 63 characters, or none for an open network',
};

/**
 * Asks a person for the Wi-Fi of a board, again until it is one that there can be; the password is not shown.
 *
 * @returns undefined when there is nobody to ask
 * @throws {CliError} when the answers end before
 */
export async function askWifi({ stdin, stderr }: Terminal): Promise<Wifi | undefined> {
  if (stdin.isTTY !== true) return undefined;
  let isHidden = false;
  const output = new Writable({
    write: (chunk: Buffer, _, done) => {
      if (!isHidden) stderr.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: stdin, output, terminal: true });
  reader.on('line', (line) => (isHidden ||= SSID.fits(line))); // also of what was typed ahead, or pasted
  const lines = reader[Symbol.asyncIterator]();
  const ask = async ({ question, fits, otherwise, isSecret }: Question): Promise<string> => {
    for (;;) {
      stderr.write(question);
      const line = await lines.next();
      if (line.done === true) throw new CliError('nothing was asked to the end, and nothing was built');
      if (isSecret === true) stderr.write('\n'); // which was not shown, either
      if (fits(line.value)) return line.value;
      await printSentence(stderr, otherwise);
    }
  };
  try {
    return { ssid: await ask(SSID), password: await ask(PASSWORD) };
  } finally {
    reader.close();
  }
}

const isPrintable = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);
