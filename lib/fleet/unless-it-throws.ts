/** What is read; undefined where that throws: for texts that may also be something else, or nothing. */
export function unlessItThrows<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
