/** Private keys, each of 32 bytes, and whether one stands in a text: as it is, in hexadecimal digits, or in base64. */
export class KeySearch {
  /** By their first four bytes. */
  readonly #keys = new Map<number, Buffer[]>();
  readonly #known = new Set<string>();

  add(key: Buffer): void {
    const hex = key.toString('hex');
    if (this.#known.has(hex) || /^(?:ff|00)+$/.test(hex)) return;
    this.#known.add(hex);
    this.#keys.set(key.readUInt32LE(0), [...(this.#keys.get(key.readUInt32LE(0)) ?? []), Buffer.from(key)]);
  }

  get size(): number {
    return this.#known.size;
  }

  isIn(bytes: Buffer): boolean {
    if (this.#holds(bytes)) return true;
    const text = bytes.toString('latin1');
    for (const [digits] of text.matchAll(/[0-9a-f]{64,}/gi))
      for (const at of [0, 1]) if (this.#holds(Buffer.from(digits.slice(at), 'hex'))) return true;
    // 32 bytes are at least 42 characters; lines of PEM end within them.
    for (const [characters] of text.matchAll(/[\w+/-][\w+/\-\n]{41,}/g)) {
      const one = characters.replaceAll('\n', '');
      for (const at of [0, 1, 2, 3]) if (this.#holds(Buffer.from(one.slice(at), 'base64'))) return true;
    }
    return false;
  }

  #holds(bytes: Buffer): boolean {
    for (let at = 0; at + 32 <= bytes.length; at++)
      if (this.#keys.get(bytes.readUInt32LE(at))?.some((key) => bytes.subarray(at, at + 32).equals(key))) return true;
    return false;
  }
}
