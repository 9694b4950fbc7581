import type { CheerioAPI } from 'cheerio';

type Node = Parameters<CheerioAPI['contains']>[1];

const SAFE_ID = /^[A-Za-z][\w-]*$/;
const ROOTS: ReadonlySet<string> = new Set(['html', 'head', 'body']);
const uniqueIds = new WeakMap<CheerioAPI, ReadonlySet<string>>();

/**
 * A CSS selector that finds this element and no other: from the nearest id down, or from `body`. Walks the tree by hand: asking `$`
 * for siblings would take seconds on a page with thousands of links.
 */
export function selectorOf($: CheerioAPI, element: Node): string {
  const steps: string[] = [];
  for (let current: Node | null = element; current !== null && 'attribs' in current; current = current.parent) {
    const id = current.attribs['id'];
    if (id !== undefined && SAFE_ID.test(id) && uniqueIdsOf($).has(id)) {
      steps.unshift(`#${id}`);
      break;
    }
    const { name } = current;
    const twins = (current.parent?.children ?? []).filter((child) => 'attribs' in child && child.name === name);
    steps.unshift(twins.length < 2 ? name : `${name}:nth-of-type(${twins.indexOf(current) + 1})`);
    if (ROOTS.has(name)) break;
  }
  return steps.join(' > ');
}

function uniqueIdsOf($: CheerioAPI): ReadonlySet<string> {
  const known = uniqueIds.get($);
  if (known !== undefined) return known;
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const { attribs } of $('[id]').toArray()) {
    const id = attribs['id'] ?? '';
    (once.has(id) ? twice : once).add(id);
  }
  for (const id of twice) once.delete(id);
  uniqueIds.set($, once);
  return once;
}
