import type { Range, Series } from './series.ts';

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [96, 24];

/** A curve as small as a word, for those who skim. What it says stands beside it, so it is hidden from screen readers. */
export class Sparkline {
  readonly element = document.createElementNS(SVG, 'svg');
  readonly #path = document.createElementNS(SVG, 'path');

  constructor() {
    this.element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute('class', 'sparkline');
    this.element.setAttribute('preserveAspectRatio', 'none');
    this.element.setAttribute('aria-hidden', 'true');
    this.#path.setAttribute('vector-effect', 'non-scaling-stroke');
    this.element.append(this.#path);
  }

  show(series: Series, { since, until }: Range): void {
    const [least, greatest] = series.extremes ?? [0, 0];
    const [times, values] = series.line;
    const isLevel = least === greatest;
    const x = (time: number) => (((time - since) / (until - since)) * WIDTH).toFixed(1);
    const y = (value: number) =>
      isLevel ? HEIGHT / 2 : (HEIGHT - 2 - ((value - least) / (greatest - least)) * (HEIGHT - 4)).toFixed(1);
    let path = '';
    let isDown = false;
    times.forEach((time, index) => {
      const value = values[index];
      if (value == null) isDown = false;
      else {
        path += `${isDown ? 'L' : 'M'}${x(time)} ${y(value)}`;
        isDown = true;
      }
    });
    this.#path.setAttribute('d', path);
  }
}
