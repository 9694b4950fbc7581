import type { CheerioAPI } from 'cheerio';

type Node = Parameters<CheerioAPI['contains']>[1];
type Element = Extract<Node, { readonly attribs: object }>;

const SAFE_ID = /^[A-Za-z][\w-]*$/;
const ROOTS: ReadonlySet<string> = new Set(['html', 'head', 'body']);
const siblingPlaces = new WeakMap<object, Map<Element, number>>();
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
    const place = placeOf(current);
    steps.unshift(place === null ? name : `${name}:nth-of-type(${place})`);
    if (ROOTS.has(name)) break;
  }
  return steps.join(' > ');
}

/** Among the elements of its name beside it, from 1; null when it is the only one. All that stand beside it are counted once, for the next to come. */
function placeOf(element: Element): number | null {
  const { parent } = element;
  if (parent === null) return null;
  let places = siblingPlaces.get(parent);
  if (places === undefined) {
    places = new Map();
    const counts = new Map<string, number>();
    for (const child of parent.children) {
      if (!('attribs' in child)) continue;
      const count = (counts.get(child.name) ?? 0) + 1;
      counts.set(child.name, count);
      places.set(child, count);
    }
    for (const child of places.keys()) if (counts.get(child.name) === 1) places.delete(child);
    siblingPlaces.set(parent, places);
  }
  return places.get(element) ?? null;
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
