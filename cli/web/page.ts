import { buildSync } from 'esbuild';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

/** The page, all of it in one answer, and the headers under which a browser has to see it. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

let built: Page | undefined;

/** The page's code and style, bundled by esbuild once a process. It takes some 50 ms, so nothing built is committed. */
export const builtPage = (): Page => (built ??= build());

function build(): Page {
  const script = bundled('main.ts');
  const style = bundled('style.css');
  return {
    html: htmlWith(script, style),
    headers: { ...SAFE_HEADERS, 'content-security-policy': policyFor(script, style) },
  };
}

/** For every answer. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer', // the page's address has the token
  'x-content-type-options': 'nosniff',
};

function bundled(file: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(`../../web/${file}`, import.meta.url))],
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    charset: 'utf8',
    target: ['chrome123', 'firefox120', 'safari17.5'], // the first that know the CSS function light-dark()
    legalComments: 'none',
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of web/${file}`);
  // What would end the element that it stands in; in a string or a comment, the backslash changes nothing.
  return output.text.replace(/<\/(script|style)/gi, '<\\/$1').trim();
}

/**
 * Nothing but this script and this style runs, nothing is loaded from elsewhere, no other page frames this one, and no text
 * can become markup: without a policy of that type, a browser refuses innerHTML and its like.
 */
function policyFor(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** A dot, so that browsers do not ask for /favicon.ico. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#1f6feb"/>' +
    '<path d="M3 10l3-4 3 3 4-5" fill="none" stroke="#fff" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></svg>',
)}`;

function htmlWith(script: string, style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>esp-fleet</title>
<link rel="icon" href="${ICON}">
<style>${style}</style>
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
<script>${script}</script>
</body>
</html>
`;
}
