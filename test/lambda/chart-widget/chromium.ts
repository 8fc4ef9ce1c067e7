import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Page } from 'playwright-core';
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
export async function screenshot(page: Page, html: string, size: Size): Promise<Picture> {
  await page.setViewportSize(size);
  await show(page, html);
  return decodePng(await page.screenshot());
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What the elements that a selector finds take of the page, in pixels, as Chromium sets them. */
export async function boxes(page: Page, html: string, selector: string): Promise<{ text: string; box: Box }[]> {
  await show(page, html);
  return page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => ({
    text: element.textContent,
    box: element.getBoundingClientRect().toJSON(),
  }))`);
}

const show = (page: Page, html: string): Promise<void> =>
  page.setContent(`<meta charset="utf-8"><body style="margin:0;background:#fff">${html}</body>`);
