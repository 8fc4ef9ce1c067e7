import { element, escaped, fitting, textElement } from './markup.ts';

/** The colours of one of CloudWatch's themes. */
export interface Theme {
  readonly text: string;
  readonly faint: string;
}

export interface Size {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export const themeOf = (dark: boolean): Theme =>
  dark ? { text: '#d5dbdb', faint: '#414d5c' } : { text: '#16191f', faint: '#d5dbdb' };

/** An SVG of this size. Its text is 11 pixels high. */
export function svg({ width, height }: Size, { text }: Theme, label: string, ...content: readonly string[]): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': label,
      'font-family': 'Amazon Ember, Helvetica, Arial, sans-serif',
      'font-size': 11,
      fill: text,
    },
    ...content,
  );
}

/** A picture that says in words why there is no chart, a line a sentence. */
export function notice(size: Size, theme: Theme, ...lines: readonly string[]): string {
  const { width, height } = size;
  const top = height / 2 - ((lines.length - 1) * 16) / 2;
  return svg(
    size,
    theme,
    lines.join(' '),
    ...lines.map((line, index) =>
      textElement({ x: width / 2, y: top + index * 16, 'text-anchor': 'middle' }, fitting(line, width - 16)),
    ),
  );
}

/** The form with which people choose what is drawn, as CloudWatch's custom widgets do it, above a picture. */
export function withForm(functionArn: string, chosen: Readonly<Record<string, string>>, picture: string): string {
  const inputs = Object.entries(chosen).map(
    ([name, value]) =>
      `<label>${escaped(name)} <input name="${escaped(name)}" value="${escaped(value)}" size="32"></label> `,
  );
  return (
    `<div style="height:${FORM_HEIGHT}px;overflow:hidden;white-space:nowrap"><form style="display:inline">${inputs.join('')}</form>` +
    '<a class="btn">Draw</a>' +
    `${element('cwdb-action', { action: 'call', endpoint: functionArn })}</div>${picture}`
  );
}

/** What the form takes of the widget's height, in pixels. */
export const FORM_HEIGHT = 40;
