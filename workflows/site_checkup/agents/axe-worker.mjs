// oxlint-disable unicorn/require-post-message-target-origin -- a thread's port, not a window's
// A thread of its own for axe-core: examining one page takes a tenth of a second or more of pure computing.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import { JSDOM, VirtualConsole } from 'jsdom';

const axeSource = new Script(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));

// jsdom has no layout: what these look at (colours, sizes, what covers what) it cannot know.
const NEEDS_LAYOUT = [
  'avoid-inline-spacing',
  'color-contrast',
  'css-orientation-lock',
  'landmark-one-main',
  'link-in-text-block',
  'page-has-heading-one',
  'scrollable-region-focusable',
  'target-size',
];
const OPTIONS = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
  rules: Object.fromEntries(NEEDS_LAYOUT.map((rule) => [rule, { enabled: false }])),
  resultTypes: ['violations'],
  elementRef: false,
  preload: false,
  iframes: false,
};
const MAX_NODES = 20;

async function examine({ html, url }) {
  // Only axe runs in this window, none of the page's own scripts, and nothing is loaded.
  const dom = new JSDOM(html, { url, runScripts: 'outside-only', virtualConsole: new VirtualConsole() });
  try {
    axeSource.runInContext(dom.getInternalVMContext());
    const { violations } = await dom.window.axe.run(dom.window.document, OPTIONS);
    return violations.map(({ id, impact, help, nodes }) => ({
      rule: id,
      impact: impact ?? 'minor',
      help,
      selectors: nodes.slice(0, MAX_NODES).map(({ target }) => target.flat().join(' ')),
      count: nodes.length,
    }));
  } finally {
    dom.window.close();
  }
}

parentPort.on('message', (page) => {
  examine(page).then(
    (violations) => parentPort.postMessage({ result: violations }),
    (error) => parentPort.postMessage({ error: String(error?.message ?? error) }),
  );
});
