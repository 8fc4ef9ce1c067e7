/** Something is wrong with what a person wrote. The message is one line: where, what, and what is allowed. */
export class FleetFileError extends Error {
  override readonly name = 'FleetFileError';

  /**
   * @param file where the mistake is, as the person would name it
   * @param line counted from 1; none when the mistake is the file itself
   * @param problem what is wrong and what is allowed
   */
  constructor(file: string, line: number | undefined, problem: string) {
    super(line === undefined ? `${file}: ${problem}` : `${file}:${line}: ${problem}`);
  }
}
