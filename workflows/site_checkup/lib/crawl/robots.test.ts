import { describe, expect, it } from 'vitest';
import { keepDirectives, readRules } from './robots.js';

const ORIGIN = 'https://shop.test';

function isAllowed(robots: string, path: string, robot = 'Errand'): boolean {
  return readRules({ origin: ORIGIN, robots, robot }).isAllowed(ORIGIN + path);
}

describe('the rules of a robots.txt', () => {
  it.each([
    ['Disallow: /a', '/a/b', false],
    ['Disallow: /a', '/b', true],
    ['Disallow:', '/a', true],
    ['Disallow: /', '/', false],
    ['Disallow: /a$', '/a', false],
    ['Disallow: /a$', '/ab', true],
    ['Disallow: /*.php', '/x/y.php?z', false],
    ['Disallow: /*.php$', '/x/y.php?z', true],
    ['Disallow: /*.php$', '/php.php', false],
    ['Disallow: /a*b*c', '/axxbxxc', false],
    ['Disallow: /a*b*c', '/axxcxxb', true],
    ['Disallow: *', '/any', false],
    ['Disallow: /caf\u00E9', '/caf%C3%A9', false],
    ['Disallow: /caf%c3%a9', '/caf\u00E9', false],
    ['Disallow: /a # not this\nAllow: /a/b', '/a/b', true],
    ['Allow: /a\nDisallow: /a', '/a', true],
    ['Disallow: /a/b\nAllow: /a', '/a/b', false],
  ])('%j decides on %s: %s', (rules, path, expected) => {
    expect(isAllowed(`User-agent: *\n${rules}`, path)).toBe(expected);
  });

  it('are those for the robot by its name, or else those for all', () => {
    const robots = 'User-agent: a\nUser-agent: ERRAND/2.0\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n';
    expect([isAllowed(robots, '/a'), isAllowed(robots, '/b')]).toEqual([false, true]);
    expect([isAllowed(robots, '/a', 'other'), isAllowed(robots, '/b', 'other')]).toEqual([true, false]);
    expect(isAllowed('Disallow: /a', '/a')).toBe(true);
  });

  it('say nothing of other sites', () => {
    const rules = readRules({ origin: ORIGIN, robots: 'User-agent: *\nDisallow: /', robot: 'Errand' });
    expect(rules.isAllowed('https://other.test/')).toBe(true);
  });

  it('name a delay and sitemaps', () => {
    const robots = 'Sitemap: https://shop.test/s.xml\r\nUser-agent: *\rCrawl-delay: 1.5\nCrawl-delay: soon';
    const { crawlDelayMs, sitemaps } = readRules({ origin: ORIGIN, robots, robot: 'Errand' });
    expect([crawlDelayMs, sitemaps]).toEqual([1_500, ['https://shop.test/s.xml']]);
  });

  it('are all that is kept of the text', () => {
    const text = `\uFEFFUser-agent: *\n{"SecretAccessKey":"s"}\nDisallow: /a\n<html>\nDisallow: /${'b'.repeat(600)}\n`;
    expect(keepDirectives(text)).toBe('\uFEFFUser-agent: *\nDisallow: /a');
    expect(keepDirectives('Disallow: /a\n'.repeat(5_000)).split('\n')).toHaveLength(2_000);
  });

  it('are followed at once however many stars they have', () => {
    const robots = `User-agent: *\n${`Disallow: /${'*a'.repeat(240)}b\n`.repeat(2_000)}`;
    const before = performance.now();
    expect(isAllowed(robots, `/${'a'.repeat(2_000)}`)).toBe(true);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
