// oxlint-disable unicorn/require-post-message-target-origin -- a thread's port, not a window's
// A thread of its own for pages that others wrote: how long reading one takes is theirs to choose, until this thread is ended.
import { parentPort } from 'node:worker_threads';
import { load, loadBuffer } from 'cheerio';
import { cutPlace } from './cut-place.mjs';

const MAX_TRIMMED_CHARS = 256 * 1024;
const MAX_ATTRIBUTE_CHARS = 500;
const MAX_LINKS = 2_000;
const MAX_URL_CHARS = 2_000;
const MAX_SITEMAP_URLS = 500;

/** What no agent looks at. What stands in the second kind is no markup, though it may look like it. */
const EMPTIED = 'script:not([type="application/ld+json" i]), style, xmp, iframe, noembed, noframes, plaintext';

const JOBS = {
  page({ bytes }) {
    const body = Buffer.from(bytes);
    const place = cutPlace(body.latin1Slice());
    const $ = loadBuffer(body.subarray(0, place), { encoding: { defaultEncoding: 'utf-8' } });
    const title = $('head > title').first().text().trim().slice(0, 500);
    const base = $('base[href]').attr('href') ?? null;
    const links = readLinks($);
    const html = trimHtml($);
    const cut = place < body.length || html.length > MAX_TRIMMED_CHARS;
    return { title: title === '' ? null : title, base, links, html: html.slice(0, MAX_TRIMMED_CHARS), cut };
  },

  sitemap({ bytes }) {
    const $ = load(Buffer.from(bytes).toString(), { xml: true });
    const urls = $('urlset > url > loc')
      .slice(0, MAX_SITEMAP_URLS)
      .toArray()
      .map((element) => $(element).text().trim());
    return urls.filter((url) => url.length <= MAX_URL_CHARS);
  },
};

/** As they are written, each once. */
function readLinks($) {
  const links = new Set();
  for (const { attribs } of $('a[href], area[href]').toArray()) {
    const href = attribs.href.trim();
    if (href.length <= MAX_URL_CHARS) links.add(href);
    if (links.size === MAX_LINKS) break;
  }
  return [...links];
}

/** Takes out what no agent looks at; the elements and their places stay. Changes `$`. */
function trimHtml($) {
  for (const element of $(EMPTIED).toArray()) element.children = [];
  $('svg *').removeAttr('d').removeAttr('points');
  const nodes = [$.root()[0]];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    for (const name of Object.keys(node.attribs ?? {})) {
      node.attribs[name] = node.attribs[name].slice(0, MAX_ATTRIBUTE_CHARS);
    }
    if (node.children === undefined) continue;
    node.children = node.children.filter(({ type }) => type !== 'comment');
    for (const child of node.children) nodes.push(child);
  }
  return $.html().replaceAll(/[ \t]+/g, ' ');
}

parentPort.on('message', (job) => {
  try {
    parentPort.postMessage({ result: JOBS[job.kind](job) });
  } catch (error) {
    parentPort.postMessage({ error: String(error?.message ?? error) });
  }
});
