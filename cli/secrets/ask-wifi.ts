import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CliError } from '../terminal/cli-error.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What a board needs to join a network. */
export interface Wifi {
  readonly ssid: string;
  /** Empty for an open network. */
  readonly password: string;
}

/**
 * Asks a person for the Wi-Fi of a board; the password is not shown.
 *
 * @returns undefined when there is nobody to ask
 * @throws {CliError} when the answers are none that a Wi-Fi has
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
  reader.once('line', () => (isHidden = true)); // also of what was typed ahead, or pasted
  const lines = reader[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string> => {
    stderr.write(question);
    const line = await lines.next();
    if (line.done === true) throw new CliError('nothing was asked to the end, and nothing was built');
    return line.value;
  };
  try {
    const ssid = await ask('Name of the Wi-Fi: ');
    const password = await ask('Its password, which is not shown: ');
    stderr.write('\n');
    return checked({ ssid, password });
  } finally {
    reader.close();
  }
}

/** IEEE 802.11: a name has 32 bytes at most; a passphrase 8 to 63 characters, or a key 64 digits. */
function checked(wifi: Wifi): Wifi {
  const { ssid, password } = wifi;
  if (ssid === '' || Buffer.byteLength(ssid) > 32 || isUnprintable(ssid))
    throw new CliError('that is no name of a Wi-Fi; allowed: 1 to 32 bytes of text');
  if (password !== '' && (password.length < 8 || password.length > 64 || isUnprintable(password)))
    throw new CliError('that is no password of a Wi-Fi; allowed: 8 to 63 characters, or none for an open network');
  return wifi;
}

const isUnprintable = (text: string): boolean => /[\p{Cc}\p{Cs}]/u.test(text);
