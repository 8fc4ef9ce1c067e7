import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { decodePng, type Picture } from './png.ts';

/** Undefined where none is installed. */
export const EXECUTABLE = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** Whether there is a browser to draw with. In CI (CI=true) the answer is yes in any case: there, the test has to fail. */
export function canDraw(what = 'pictures of the chart widget'): boolean {
  if (EXECUTABLE !== undefined || process.env.CI === 'true') return true;
  console.warn(`skipped: ${what}; to run them: sudo apt-get install chromium`);
  return false;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What Chromium shows of a page. */
export async function screenshot(html: string, { width, height }: Size): Promise<Picture> {
  const folder = pageFolder(html);
  const file = join(folder, 'page.png');
  await chromium(folder, `--window-size=${width},${height}`, `--screenshot=${file}`);
  return decodePng(readFileSync(file));
}

/** What the elements that a selector finds take of the page, in pixels, as Chromium sets them. */
export async function boxes(html: string, selector: string): Promise<{ text: string; box: DOMRectLike }[]> {
  const script = `<pre id="boxes"></pre><script>
    const found = [...document.querySelectorAll(${JSON.stringify(selector)})].map((element) =>
      ({ text: element.textContent, box: element.getBoundingClientRect() }));
    document.getElementById('boxes').textContent = btoa(unescape(encodeURIComponent(JSON.stringify(found))));
  </script>`;
  const dom = await chromium(pageFolder(html + script), '--dump-dom');
  const [, base64 = ''] = /<pre id="boxes">([^<]*)</.exec(dom) ?? [];
  return JSON.parse(Buffer.from(base64, 'base64').toString()) as { text: string; box: DOMRectLike }[];
}

export interface DOMRectLike {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function pageFolder(html: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'chart-widget-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  writeFileSync(
    join(folder, 'page.html'),
    `<meta charset="utf-8"><body style="margin:0;background:#fff">${html}</body>`,
  );
  return folder;
}

/** Runs Chromium over the page of a folder, with a profile of its own. */
async function chromium(folder: string, ...options: string[]): Promise<string> {
  if (EXECUTABLE === undefined) throw new Error('there is no Chromium: sudo apt-get install chromium');
  const fixed = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--force-device-scale-factor=1'];
  const page = `file://${join(folder, 'page.html')}`;
  const all = [...fixed, `--user-data-dir=${join(folder, 'profile')}`, ...options, page];
  const { stdout } = await promisify(execFile)(EXECUTABLE, all, { timeout: 60_000, maxBuffer: 2 ** 26 });
  return stdout;
}
