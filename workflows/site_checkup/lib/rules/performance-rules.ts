import type { CheerioAPI } from 'cheerio';
import type { Weight } from './page-weight.js';
import type { Reference } from '../references.js';
import { type Fault, onPages } from '../report.js';
import { selectorOf } from '../selector.js';
import type { Page, Site } from '../site.js';

const HEAVY_IMAGE_BYTES = 300 * 1024;
const HEAVY_PAGE_BYTES = 2 * 1024 * 1024;
const MANY_REQUESTS = 60;
/** Under this, compression gains next to nothing. */
const COMPRESSIBLE_BYTES = 1_400;

export function checkPage(params: {
  readonly page: Page;
  readonly $: CheerioAPI;
  readonly references: readonly Reference[];
  readonly weights: ReadonlyMap<string, Weight>;
  /** What the page's answer took. */
  readonly ms: number;
  readonly slowMs: number;
}): Fault[] {
  const { page, $, references, weights, ms } = params;
  const faults: Fault[] = [];
  const urls = [...new Set(references.map(({ url }) => url))];
  const bytes = page.bytes + urls.reduce((sum, url) => sum + (weights.get(url)?.bytes ?? 0), 0);

  if (ms >= params.slowMs) {
    const severity = ms >= 3 * params.slowMs ? 'high' : 'medium';
    const message = `The server takes ${(ms / 1000).toFixed(1)} s to answer.`;
    faults.push({ rule: 'slow-answer', severity, page: page.url, selector: null, message });
  }
  if (bytes > HEAVY_PAGE_BYTES) {
    const message = `The page weighs ${toText(bytes)} with all that it loads from the site.`;
    faults.push({ rule: 'heavy-page', severity: 'medium', page: page.url, selector: null, message });
  }
  if (urls.length > MANY_REQUESTS) {
    const message = `The page loads ${urls.length} files.`;
    faults.push({ rule: 'many-requests', severity: 'medium', page: page.url, selector: null, message });
  }
  for (const element of $('head script[src]:not([async]):not([defer]):not([type="module"])').toArray()) {
    const message = `The script ${$(element).attr('src')} holds the page up: it has neither async nor defer.`;
    const selector = selectorOf($, element);
    faults.push({ rule: 'render-blocking-script', severity: 'low', page: page.url, selector, message });
  }
  return faults;
}

/** Each resource once, at the first page that loads it. `resources` are by page. */
export function checkResources(
  resources: ReadonlyMap<string, readonly Reference[]>,
  weights: ReadonlyMap<string, Weight>,
): Fault[] {
  const seen = new Set<string>();
  const faults: Fault[] = [];
  for (const [page, references] of resources) {
    for (const { kind, url, selector } of references) {
      const weight = weights.get(url);
      if (weight === undefined || seen.has(url)) continue;
      seen.add(url);
      if (kind === 'image' && (weight.bytes ?? 0) > HEAVY_IMAGE_BYTES) {
        const severity = (weight.bytes ?? 0) > 1024 * 1024 ? 'high' : 'medium';
        const message = `The image ${url} weighs ${toText(weight.bytes ?? 0)}.`;
        faults.push({ rule: 'heavy-image', severity, page, selector, message });
      }
      if (!weight.cacheable) {
        const message = `The ${kind} ${url} comes without cache headers, so it is loaded again on every visit.`;
        faults.push({ rule: 'no-cache-headers', severity: 'low', page, selector, message });
      }
    }
  }
  return faults;
}

export function checkSite(site: Site): Fault[] {
  return [...checkCompression(site), ...site.pages.flatMap(checkSize)];
}

function checkSize({ url, read }: Page): Fault[] {
  if (read === undefined) return [];
  const left = read === 'in part' ? 'only its beginning was examined' : 'it was not examined';
  const message = `The page is so large, or nests so deep, that ${left}: browsers are slowed down too.`;
  return [{ rule: 'page-too-complex', severity: 'medium', page: url, selector: null, message }];
}

function checkCompression(site: Site): Fault[] {
  const plain = site.pages.filter(
    (page) => page.html !== null && page.bytes > COMPRESSIBLE_BYTES && page.headers['content-encoding'] === undefined,
  );
  const fault = onPages(
    plain.map(({ url }) => url),
    {
      rule: 'no-compression',
      severity: 'medium',
      message: `${plain.length} of ${site.pages.length} pages are sent uncompressed.`,
    },
  );
  return fault === null ? [] : [fault];
}

function toText(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
