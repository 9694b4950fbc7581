import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SampleShops {
  /** The profile's own site, with gaps. */
  readonly shop: string;
  /** A competitor that does better. */
  readonly rival: string;
  /** A page with reviews in structured data. */
  readonly reviews: string;
  close(): Promise<void>;
}

type Pages = { readonly [path: string]: string };

/** Serves the sites of two bicycle shops that don't exist, and a page of reviews. */
export async function startSampleShops(): Promise<SampleShops> {
  const sites = await Promise.all([SHOP, RIVAL, REVIEWS].map(serve));
  const [shop = '', rival = '', reviews = ''] = sites.map(({ url }) => url);
  return {
    shop,
    rival,
    reviews: `${reviews}bright-spoke`,
    close: async () => void (await Promise.all(sites.map((site) => site.close()))),
  };
}

async function serve(pages: Pages): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const found = pages[new URL(request.url ?? '/', 'http://localhost').pathname];
    const type = request.url?.endsWith('.txt') === true ? 'text/plain' : 'text/html; charset=utf-8';
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': type }).end(found ?? 'nothing here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function page(title: string, description: string, body: string, jsonLd?: object): string {
  const meta = description === '' ? '' : `<meta name="description" content="${description}">`;
  const data = jsonLd === undefined ? '' : `<script type="application/ld+json">${JSON.stringify(jsonLd)}</script>`;
  return `<!doctype html><html lang="en"><head><title>${title}</title>${meta}${data}</head><body>${body}</body></html>`;
}

const NAV = '<nav><a href="/">Home</a> <a href="/repairs">Repairs</a> <a href="/contact">Contact</a></nav>';
const SHOP: Pages = {
  '/robots.txt': 'User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nAllow: /\n',
  '/': page(
    'Bright Spoke Bicycles',
    'Bright Spoke Bicycles repairs and sells bicycles for everyday riders, with a smile and without waiting for weeks.',
    `${NAV}<h1>Welcome</h1><p>We sell city bikes and do everything around brake repair.</p>`,
    {
      '@context': 'https://schema.org',
      '@type': 'BicycleStore',
      name: 'Bright Spoke Bicycles',
      telephone: '+1 555 010 9999',
      address: { '@type': 'PostalAddress', streetAddress: '12 Harbor Street', addressLocality: 'Harborview' },
    },
  ),
  '/repairs': page(
    'Brake repair and tune-ups',
    '',
    `${NAV}<h1>Brake repair</h1><p>Brakes are done while you wait.</p>`,
  ),
  '/contact': page(
    'Contact',
    'Where to find Bright Spoke Bicycles in Harborview, how to call us, and how to come by bus, tram or on foot.',
    `${NAV}<h1>Contact</h1><p>12 Harbor St., Harborview</p><p>Call (555) 010-2030</p>`,
  ),
};

const RIVAL: Pages = {
  '/': page(
    'Chain Reaction, bicycles in Harborview',
    'Chain Reaction in Harborview: brake repair, wheel building and bike fitting by people who ride every day.',
    '<h1>Bicycles in Harborview</h1><h2>Brake repair</h2><h2>Wheel building</h2><p>Ask us.</p>',
    {
      '@context': 'https://schema.org',
      '@graph': [
        {
          '@type': 'BikeStore',
          name: 'Chain Reaction',
          aggregateRating: { '@type': 'AggregateRating', ratingValue: 4.7 },
        },
        { '@type': 'FAQPage', mainEntity: [] },
      ],
    },
  ),
};

const REVIEWS: Pages = {
  '/bright-spoke': page('Reviews of Bright Spoke', '', '<h1>Reviews</h1>', {
    '@context': 'https://schema.org',
    '@type': 'Product',
    review: [
      {
        '@type': 'Review',
        reviewBody: 'They fixed my brakes in an hour. Friendly people!',
        reviewRating: { '@type': 'Rating', ratingValue: '5' },
        author: { '@type': 'Person', name: 'Ines' },
      },
      {
        '@type': 'Review',
        reviewBody: 'Waited two weeks for a wheel, nobody called.',
        reviewRating: { '@type': 'Rating', ratingValue: '2' },
        author: { '@type': 'Person', name: 'Tom' },
      },
    ],
  }),
};
