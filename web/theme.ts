/* The colours of the style sheet, for what is drawn and not styled. */

export interface Colours {
  readonly curve: string;
  readonly area: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
}

const dark = matchMedia('(prefers-color-scheme: dark)');

export function theme(): Colours {
  // A custom property gives its text back, a property the colour that it makes.
  const probe = document.body.appendChild(document.createElement('i'));
  const colour = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    curve: colour('--curve'),
    area: colour('--area'),
    muted: colour('--muted'),
    grid: colour('--grid'),
    surface: colour('--surface'),
  };
  probe.remove();
  return colours;
}

/** Calls back whenever it becomes light or dark. */
export function onThemeChange(callback: () => void): () => void {
  dark.addEventListener('change', callback);
  return () => dark.removeEventListener('change', callback);
}
