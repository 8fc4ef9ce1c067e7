/* Numbers and times as people read them. */

const EXPONENT: Readonly<Record<string, string>> = {
  '-': '⁻',
  ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].map((digit, index) => [String(index), digit])),
};

const plain = new Intl.NumberFormat('en', {
  maximumSignificantDigits: 6,
  useGrouping: 'min2',
  signDisplay: 'negative',
});

/** A number without a unit: six digits that count, powers of ten where it is very large or very small. */
export function formatNumber(number: number): string {
  const size = Math.abs(number);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) {
    const [mantissa = '', exponent = ''] = number.toExponential(3).split('e');
    const power = exponent.replace('+', '').replace(/./g, (character) => EXPONENT[character] ?? character);
    return `${minus(String(Number(mantissa)))}×10${power}`;
  }
  // A narrow no-break space groups thousands in every language.
  return minus(plain.format(number)).replaceAll(',', '\u202f');
}

function minus(text: string): string {
  return text.replace('-', '−');
}

export function formatValue(value: number | boolean): string {
  return typeof value === 'boolean' ? String(value) : formatNumber(value);
}

const two = (number: number): string => String(number).padStart(2, '0');

/** Local time of day, to the second. */
export function formatClock(time: number): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Local day, such as 2026-01-31. */
export function formatDay(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Local time, with the day unless it is today. */
export function formatTime(time: number, now = Date.now()): string {
  return formatDay(time) === formatDay(now) ? formatClock(time) : `${formatDay(time)} ${formatClock(time)}`;
}

/** How long ago, in one unit. */
export function formatAgo(time: number, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - time) / 1_000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}

/** Such as `1 device`, `2 devices`. */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
