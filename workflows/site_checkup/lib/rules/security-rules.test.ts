import { load } from 'cheerio';
import { describe, expect, it } from 'vitest';
import { checkHeaders, checkPage } from './security-rules.js';
import type { Page } from '../site.js';

const GOOD = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
};

function page(url: string, headers: Page['headers'] = GOOD, cookies: string[] = []): Page {
  return { url, status: 200, error: null, ms: 1, bytes: 1, linked: true, title: 'A', html: 'x', headers, cookies };
}

function rulesOf(...pages: Page[]): string[] {
  const site = { url: '', origin: '', robots: '', sitemap: [], complete: true, pages };
  return checkHeaders(site).map(({ rule }) => rule);
}

function rulesIn(url: string, html: string): string[] {
  return checkPage({ page: page(url), html, $: load(html) }).map(({ rule, selector }) => `${rule} ${selector}`);
}

describe('security rules', () => {
  it('find nothing on a page with all headers, taking frame-ancestors for X-Frame-Options', () => {
    expect(rulesOf(page('https://site.test/'))).toEqual([]);
  });

  it('ask for Strict-Transport-Security over https only', () => {
    const { 'strict-transport-security': _, ...headers } = GOOD;
    expect(rulesOf(page('http://site.test/', headers))).toEqual([]);
    expect(rulesOf(page('https://site.test/', headers))).toEqual(['hsts-missing']);
  });

  it('ask for Secure cookies over https only, and name each cookie once', () => {
    const cookies = ['a=; Path=/; HttpOnly; SameSite=Lax'];
    expect(rulesOf(page('http://site.test/', GOOD, cookies))).toEqual([]);
    expect(rulesOf(page('https://site.test/', GOOD, cookies), page('https://site.test/b', GOOD, cookies))).toEqual([
      'cookie-without-secure',
    ]);
  });

  it('name the server only when it tells its version', () => {
    expect(rulesOf(page('http://site.test/', { ...GOOD, server: 'nginx' }))).toEqual([]);
    expect(rulesOf(page('http://site.test/', { ...GOOD, server: 'nginx/1.25.3' }))).toEqual(['server-version']);
  });

  it('find what an https page loads over http, and forms that post there', () => {
    const html = '<img src="http://site.test/a.png"><img src="/b.png"><form action="http://site.test/x"></form>';
    expect(rulesIn('https://site.test/', html)).toEqual([
      'form-to-http body > form',
      'mixed-content body > img:nth-of-type(1)',
    ]);
    expect(rulesIn('http://site.test/', '<img src="http://site.test/a.png">')).toEqual([]);
  });
});
