/** Text for HTML and SVG, in an element or an attribute: devices choose the names of their fields, people those of devices. */
export function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u{fffe}\u{ffff}]/gu, '·')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

type Attributes = Readonly<Record<string, string | number>>;

/** An element; its attributes are escaped here, its content is markup already. */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return `<${name}${written.join('')}>${content.join('')}</${name}>`;
}

/** A line of text in an SVG. */
export function textElement(attributes: Attributes, text: string): string {
  return element('text', attributes, escaped(text));
}

/** As much of a text as fits into so many pixels; what is left out becomes an ellipsis. */
export function fitting(text: string, pixels: number): string {
  let room = pixels;
  let kept = '';
  for (const character of text) {
    room -= widthOf(character);
    if (room < 0) return `${Array.from(kept).slice(0, -1).join('')}…`;
    kept += character;
  }
  return kept;
}

/** Pixels that a character takes at most, in bold print 11 pixels high: which font there is nobody knows before. */
function widthOf(character: string): number {
  if ((character.codePointAt(0) ?? 0) >= 0x2e80) return 15;
  if (/[MWmw@%]/.test(character)) return 12.5;
  return /[A-Z]/.test(character) ? 9.5 : 8;
}
