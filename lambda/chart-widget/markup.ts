/** Text for HTML and SVG, in an element or an attribute: devices choose the names of their fields, people those of devices. */
export function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u{fffe}\u{ffff}]/gu, '·')
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

/** About as many pixels as a character takes at the font size of the charts, 11; of East Asian scripts and emoji, two. */
const CHARACTER_WIDTH = 6.6;

/** As much of a text as fits into so many pixels; what is left out becomes an ellipsis. */
export function fitting(text: string, pixels: number): string {
  const room = Math.floor(pixels / CHARACTER_WIDTH);
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += (character.codePointAt(0) ?? 0) < 0x2e80 ? 1 : 2;
    if (width > room) return `${Array.from(kept).slice(0, -1).join('')}…`;
    kept += character;
  }
  return kept;
}
