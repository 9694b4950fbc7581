import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** What axe finds, and whether one has to scroll sideways. `rules`: only these; all when null. */
async function findViolations(page: Page, rules: readonly string[] | null): Promise<string[]> {
  const options = { resultTypes: ['violations'], ...(rules === null ? {} : { runOnly: rules }) };
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  return isTooWide ? [...found, 'is wider than the window'] : found;
}

/** What else is the same in other colours. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

export interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
}

/** Both colours, on a desk, and on a narrow phone, which is a desk of 1,280 points at 400 %. */
export const ALL_LOOKS: readonly Look[] = [
  { colorScheme: 'light', width: 1360 },
  { colorScheme: 'light', width: 320 },
  { colorScheme: 'dark', width: 1360 },
  { colorScheme: 'dark', width: 320 },
];
/** Each colour and each width once. */
export const TWO_LOOKS: readonly Look[] = [
  { colorScheme: 'light', width: 1360 },
  { colorScheme: 'dark', width: 320 },
];

/** What is found at each of these addresses below `url`, as it looks in each of these ways. */
export async function findViolationsOf(
  page: Page,
  url: string,
  { paths, looks }: { readonly paths: readonly string[]; readonly looks: readonly Look[] },
): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const seen = new Set<number>();
    for (const { colorScheme, width } of looks) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      if (seen.size === 0) {
        await page.goto(`${url}/console${path}`);
        // Its policy keeps the page from loading it.
        await page.evaluate(AXE);
      }
      await page.locator('main h1').waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      const violations = await findViolations(page, seen.has(width) ? OF_COLOURS : null);
      found.push(...violations.map((violation) => `${path}, ${colorScheme}, ${width} px: ${violation}`));
      seen.add(width);
    }
  }
  await page.setViewportSize({ width: 1360, height: 900 });
  return found;
}
