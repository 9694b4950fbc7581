import { type Fault, onPages, type Severity } from '../report.js';
import { selectorOf } from '../selector.js';
import type { OpenPage, Page, Site } from '../site.js';

interface HeaderRule {
  readonly rule: string;
  readonly severity: Severity;
  readonly isBroken: (page: Page) => boolean;
  readonly what: string;
}

const HEADER_RULES: readonly HeaderRule[] = [
  {
    rule: 'csp-missing',
    severity: 'medium',
    isBroken: ({ headers }) => headers['content-security-policy'] === undefined,
    what: 'without Content-Security-Policy: injected scripts would run',
  },
  {
    rule: 'hsts-missing',
    severity: 'medium',
    isBroken: ({ url, headers }) => url.startsWith('https:') && headers['strict-transport-security'] === undefined,
    what: 'without Strict-Transport-Security: the first visit may go over plain http',
  },
  {
    rule: 'nosniff-missing',
    severity: 'low',
    isBroken: ({ headers }) => headers['x-content-type-options']?.toLowerCase() !== 'nosniff',
    what: 'without X-Content-Type-Options: nosniff',
  },
  {
    rule: 'frame-options-missing',
    severity: 'medium',
    isBroken: ({ headers }) =>
      headers['x-frame-options'] === undefined && !/frame-ancestors/i.test(headers['content-security-policy'] ?? ''),
    what: 'that other sites may show in a frame (neither X-Frame-Options nor frame-ancestors)',
  },
  {
    rule: 'referrer-policy-missing',
    severity: 'low',
    isBroken: ({ headers }) => headers['referrer-policy'] === undefined,
    what: 'without Referrer-Policy',
  },
  {
    rule: 'server-version',
    severity: 'low',
    isBroken: ({ headers }) => /\d/.test(`${headers['server'] ?? ''}${headers['x-powered-by'] ?? ''}`),
    what: 'whose headers tell the version of the server’s software',
  },
];

/** What the pages' headers and cookies show: one fault for all pages that share it. */
export function checkHeaders(site: Site): Fault[] {
  const pages = site.pages.filter((page) => page.html !== null && page.status === 200);
  const headers = HEADER_RULES.flatMap(({ rule, severity, isBroken, what }) => {
    const broken = pages.filter(isBroken).map(({ url }) => url);
    const fault = onPages(broken, { rule, severity, message: `${broken.length} of ${pages.length} pages ${what}.` });
    return fault === null ? [] : [fault];
  });
  return [...headers, ...checkCookies(pages)];
}

function checkCookies(pages: readonly Page[]): Fault[] {
  const seen = new Set<string>();
  const faults: Fault[] = [];
  for (const { url: page, cookies } of pages) {
    for (const cookie of cookies) {
      const [name = '', ...attributes] = cookie.split(';').map((part) => part.trim().toLowerCase());
      const has = (attribute: string): boolean => attributes.some((each) => each.split('=')[0] === attribute);
      const add = (rule: string, severity: Severity, message: string): void => {
        if (seen.has(`${rule} ${name}`)) return;
        seen.add(`${rule} ${name}`);
        faults.push({ rule, severity, page, selector: null, message });
      };
      const label = `The cookie ${cookie.split('=')[0]}`;
      if (!has('httponly')) add('cookie-without-httponly', 'medium', `${label} can be read by scripts (no HttpOnly).`);
      if (!has('samesite'))
        add('cookie-without-samesite', 'medium', `${label} is sent with requests of other sites (no SameSite).`);
      if (page.startsWith('https:') && !has('secure')) {
        add('cookie-without-secure', 'medium', `${label} may travel over plain http (no Secure).`);
      }
    }
  }
  return faults;
}

/** What stands in the page itself. */
export function checkPage({ page, $ }: OpenPage): Fault[] {
  const faults: Fault[] = [];
  for (const form of $('form[action^="http:" i]').toArray()) {
    const message = `The form sends what is entered to ${$(form).attr('action')} in clear text.`;
    faults.push({ rule: 'form-to-http', severity: 'high', page: page.url, selector: selectorOf($, form), message });
  }
  if (!page.url.startsWith('https:')) return faults;
  const loading =
    'img[src^="http:" i], script[src^="http:" i], iframe[src^="http:" i], link[rel~="stylesheet"][href^="http:" i]';
  for (const element of $(loading).toArray()) {
    const address = $(element).attr('src') ?? $(element).attr('href');
    const message = `The page comes over https but loads ${address} over plain http.`;
    faults.push({ rule: 'mixed-content', severity: 'high', page: page.url, selector: selectorOf($, element), message });
  }
  return faults;
}
