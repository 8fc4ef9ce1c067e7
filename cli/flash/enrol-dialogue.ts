import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Line } from '../enrol/line.ts';
import type { Wifi } from '../secrets/ask-wifi.ts';
import { CliError } from '../terminal/cli-error.ts';
import { printable } from '../terminal/terminal.ts';

/** What a board says, see firmware/libraries/FleetIdentity (FleetIdentity.cpp, Console.cpp, Enrolment.cpp). */
export const SAID = {
  asks: 'This board has no identity',
  refused: 'enrolment: refused: ',
  wifi: 'wifi: ',
  password: 'password: kept',
  line: 'enrol: ',
  misunderstood: ['I know these lines: ', 'that is not the line', 'that line is too long'],
} as const;

/** The device that the board is to be. */
interface EnrolTarget {
  readonly site: { readonly names: Pick<FleetNames, 'enrolmentStack'> };
  readonly device: { readonly name: string };
}

/** Types into the serial port of a board what makes it a device, once it asks: line by line, since it writes each into its flash. */
export class EnrolDialogue {
  readonly #target: EnrolTarget;
  readonly #wifi: Wifi | undefined;
  readonly #newLine: () => Promise<Line>;
  /** Undefined before it has asked. */
  #untyped: { readonly text: string; readonly answer: string }[] | undefined;
  #secrets: string[] = [];

  /** @param wifi undefined where the board is to keep the one that it has */
  constructor(target: EnrolTarget, wifi: Wifi | undefined, newLine: () => Promise<Line>) {
    this.#target = target;
    this.#wifi = wifi;
    this.#newLine = newLine;
  }

  /** Whether the board has not asked, or not been given all. */
  get isOpen(): boolean {
    return this.#untyped?.length !== 0;
  }

  get hasAsked(): boolean {
    return this.#untyped !== undefined;
  }

  /** What the board said, without what nobody else may see. */
  shown(line: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, '...'), line);
  }

  /**
   * @returns what to type now
   * @throws {CliError} when the board is refused, or lacks the Wi-Fi
   */
  async answerTo(said: string): Promise<string | undefined> {
    const asks = said.includes(SAID.asks);
    if (this.#untyped === undefined) {
      // The line that it was given before may be refused, again and again.
      if (!asks && !said.includes(SAID.refused)) return undefined;
      this.#untyped = await this.#lines();
    } else if (!this.isOpen) {
      const [, reason] = said.split(SAID.refused);
      const { site, device } = this.#target;
      if (reason !== undefined)
        throw new CliError(
          `the cloud refused to enrol the board as ${device.name}: ${printable(reason)}; the board asks again by itself, and ` +
            `the log of the function that decides says why (its stack is ${site.names.enrolmentStack})`,
        );
      if (asks) throw new CliError('the board knows no Wi-Fi; run this in a terminal, which asks for it');
      return undefined;
    } else if (said.startsWith(this.#untyped[0]?.answer ?? '')) this.#untyped.shift();
    else if (!SAID.misunderstood.some((words) => said.includes(words))) return undefined;
    return this.#untyped[0]?.text;
  }

  async #lines() {
    const { text, code } = await this.#newLine();
    const { ssid, password } = this.#wifi ?? { ssid: '', password: '' };
    this.#secrets = [code, password].filter((secret) => secret !== '');
    const wifi = [
      { text: `wifi ${ssid}`, answer: SAID.wifi },
      { text: `password ${password}`, answer: SAID.password },
    ];
    return [...(this.#wifi === undefined ? [] : wifi), { text, answer: SAID.line }];
  }
}
