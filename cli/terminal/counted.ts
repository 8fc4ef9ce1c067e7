/** Such as `1 device` or `2 devices`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** More devices than a stack has, so that only those of lists are cut. */
const MOST_NAMES = 500;

/** So many are shown where there are more than that. */
const FIRST_NAMES = 20;

/** Those of many names that people are shown, and what follows them, such as ` and 9,980 more`. @param most that are all shown */
export function firstOf(
  names: readonly string[],
  most = MOST_NAMES,
): { readonly shown: readonly string[]; readonly rest: string } {
  const shown = names.length > most ? names.slice(0, FIRST_NAMES) : names;
  const more = names.length - shown.length;
  return { shown, rest: more === 0 ? '' : ` and ${more.toLocaleString('en')} more` };
}

/** The same as one text, with commas. */
export function enumerated(names: readonly string[], most?: number): string {
  const { shown, rest } = firstOf(names, most);
  return shown.join(', ') + rest;
}

/** How many devices, and the first ones, such as `300 devices (a, b, c, ...)`. @param count of those that are named */
export function someOf(devices: readonly string[], count: number): string {
  return `${devices.length.toLocaleString('en')} devices (${devices.slice(0, count).join(', ')}, ...)`;
}
