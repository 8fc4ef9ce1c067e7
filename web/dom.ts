/** Attributes, and listeners. One that is undefined or false is left out, one that is true is there without a value. */
interface Properties {
  readonly on?: { readonly [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };
  readonly [attribute: string]: string | number | boolean | undefined | Properties['on'];
}

/**
 * Makes an element.
 *
 * @param selector such as `p` or, with classes, `p.muted.theirs`
 * @param parts what it has: attributes, listeners, children. Text is only ever text.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  selector: Tag | `${Tag}.${string}`,
  ...parts: readonly (Node | string | undefined | false | Properties)[]
): HTMLElementTagNameMap[Tag] {
  const [tag, ...classes] = selector.split('.');
  const made = document.createElement(tag as Tag);
  made.classList.add(...classes);
  for (const part of parts) {
    if (typeof part === 'string' || part instanceof Node) made.append(part);
    else if (part) {
      const { on = {}, ...attributes } = part;
      for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value as string);
      for (const [name, listener] of Object.entries(on)) made.addEventListener(name, listener as EventListener);
    }
  }
  return made;
}

export function setAttribute(target: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) target.removeAttribute(name);
  else target.setAttribute(name, value === true ? '' : String(value));
}

/** Changes the text of an element, unless it is that already: a selection in it stays, and nothing is drawn anew. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Something on the page that shows an item, as long as there is one of its key. */
export interface Shown<Item> {
  readonly element: HTMLElement;
  update(item: Item): void;
  /** Called when it goes. */
  remove?(): void;
}

/** A list whose elements stay, with their focus, while their items change. */
export class KeyedList<Item> {
  readonly element: HTMLElement;
  readonly #keyOf: (item: Item) => string;
  readonly #make: (item: Item) => Shown<Item>;
  readonly #shown = new Map<string, Shown<Item>>();

  constructor(element: HTMLElement, keyOf: (item: Item) => string, make: (item: Item) => Shown<Item>) {
    this.element = element;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  show(items: readonly Item[]): void {
    const wanted = new Map(items.map((item) => [this.#keyOf(item), item]));
    for (const [key, shown] of this.#shown) {
      if (wanted.has(key)) continue;
      shown.remove?.();
      shown.element.remove();
      this.#shown.delete(key);
    }
    let next = this.element.firstElementChild;
    for (const [key, item] of wanted) {
      const shown = this.#shown.get(key) ?? this.#make(item);
      this.#shown.set(key, shown);
      shown.update(item);
      if (shown.element === next) next = next.nextElementSibling;
      else this.element.insertBefore(shown.element, next);
    }
  }

  clear(): void {
    this.show([]);
  }
}

/** A part of the page that is there for a while. */
export interface View {
  readonly element: HTMLElement;
  readonly title: string;
  /** Called when it goes. */
  close(): void;
}
