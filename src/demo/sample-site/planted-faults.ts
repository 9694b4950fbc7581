/** One thing that is wrong with the sample site on purpose, and how a checkup names it. */
export interface PlantedFault {
  readonly id: string;
  /** The role of the agent that is to find it. */
  readonly agent: string;
  readonly rule: string;
  readonly page: string;
  readonly selector?: string;
  readonly describes: string;
}

const LINKS = 'link-checker';
const SEO = 'seo-inspector';
const ACCESSIBILITY = 'accessibility-inspector';
const PERFORMANCE = 'performance-inspector';
const SECURITY = 'security-inspector';

function plant(id: string, agent: string, rule: string, at: string, describes: string): PlantedFault {
  const [page = '', selector] = at.split(' ', 2);
  return { id, agent, rule, page, describes, ...(selector === undefined ? {} : { selector }) };
}

/** Everything that is wrong with the sample site: a checkup names all of these and nothing else. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  plant('dead-wedding-link', LINKS, 'dead-link', '/catering #wedding-link', 'A link to a page that does not exist'),
  plant('dead-bakery-link', LINKS, 'dead-link', '/about #old-bakery-link', 'A link to a page that does not exist'),
  plant('missing-picture', LINKS, 'missing-resource', '/news #market-picture', 'A picture that does not exist'),
  plant('broken-voucher', LINKS, 'server-error', '/cakes #voucher-link', 'A link to a page that answers 500'),

  plant('no-title', SEO, 'title-missing', '/team', 'A page without title'),
  plant('same-title-bread', SEO, 'title-duplicate', '/bread', 'A title that two pages share'),
  plant('same-title-cakes', SEO, 'title-duplicate', '/cakes', 'A title that two pages share'),
  plant('long-title', SEO, 'title-too-long', '/about', 'A title of over 100 characters'),
  plant('no-description', SEO, 'description-missing', '/gallery', 'A page without description'),
  plant('no-h1', SEO, 'h1-missing', '/news', 'A page without main heading'),
  plant('no-lang', SEO, 'lang-missing', '/directions', 'A page that does not say its language'),
  plant('no-viewport', SEO, 'viewport-missing', '/catering', 'A page that phones show as on a desktop'),
  plant('hidden-page', SEO, 'noindex', '/news/winter-hours', 'A page that is hidden from search engines'),
  plant('orphan', SEO, 'orphaned-page', '/summer-menu', 'A page in the sitemap that no page links to'),

  plant('oven-alt', ACCESSIBILITY, 'image-alt', '/gallery #oven-picture', 'A picture without alt text'),
  plant('dough-alt', ACCESSIBILITY, 'image-alt', '/gallery #dough-picture', 'A picture without alt text'),
  plant('no-zoom', ACCESSIBILITY, 'meta-viewport', '/gallery', 'A page that forbids to zoom'),
  plant('no-label', ACCESSIBILITY, 'label', '/contact #phone', 'A form field without label'),
  plant('no-button-name', ACCESSIBILITY, 'button-name', '/order #add', 'A button without text'),
  plant('no-link-name', ACCESSIBILITY, 'link-name', '/about #social-link', 'A link without text'),
  plant('bad-list', ACCESSIBILITY, 'list', '/cakes #cake-list', 'A list with something else than items in it'),
  plant(
    'heading-order',
    ACCESSIBILITY,
    'heading-order',
    '/bread #daily-loaves',
    'A heading of level 4 right after level 1',
  ),
  plant('no-document-title', ACCESSIBILITY, 'document-title', '/team html', 'A page without title'),
  plant('no-html-lang', ACCESSIBILITY, 'html-has-lang', '/directions html', 'A page that does not say its language'),

  plant('oven-weight', PERFORMANCE, 'heavy-image', '/gallery #oven-picture', 'A picture of 1.5 MB'),
  plant('dough-weight', PERFORMANCE, 'heavy-image', '/gallery #dough-picture', 'A picture of 0.9 MB'),
  plant('cake-weight', PERFORMANCE, 'heavy-image', '/cakes #wedding-cake', 'A picture of 0.5 MB'),
  plant('gallery-weight', PERFORMANCE, 'heavy-page', '/gallery', 'A page of 2.4 MB'),
  plant('slow-order', PERFORMANCE, 'slow-answer', '/order', 'A page that takes 1.2 s to answer'),
  plant('blocking-script', PERFORMANCE, 'render-blocking-script', '/contact', 'A script that holds its page up'),
  plant('no-cache', PERFORMANCE, 'no-cache-headers', '/order', 'A script without cache headers'),
  plant('no-compression', PERFORMANCE, 'no-compression', '/bread', 'A page that is sent uncompressed'),

  plant('no-csp-gallery', SECURITY, 'csp-missing', '/gallery', 'A page without Content-Security-Policy'),
  plant('no-csp-contact', SECURITY, 'csp-missing', '/contact', 'A page without Content-Security-Policy'),
  plant('frames', SECURITY, 'frame-options-missing', '/contact', 'A page that other sites may show in a frame'),
  plant('sniffing', SECURITY, 'nosniff-missing', '/news', 'A page without X-Content-Type-Options'),
  plant('referrer', SECURITY, 'referrer-policy-missing', '/catering', 'A page without Referrer-Policy'),
  plant('version', SECURITY, 'server-version', '/order', 'An answer that tells its software’s version'),
  plant('cookie-scripts', SECURITY, 'cookie-without-httponly', '/order', 'A cookie that scripts can read'),
  plant(
    'cookie-sites',
    SECURITY,
    'cookie-without-samesite',
    '/order',
    'A cookie that goes with requests of other sites',
  ),
  plant('clear-form', SECURITY, 'form-to-http', '/contact #newsletter', 'A form that sends in clear text'),
];

/** Pages with nothing wrong on them. */
export const GOOD_PAGES: readonly string[] = ['/', '/opening-hours'];

/** What robots.txt keeps robots from, though a link leads there. */
export const DISALLOWED_PAGE = '/staff/rota';
