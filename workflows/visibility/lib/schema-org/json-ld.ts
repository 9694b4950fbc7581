import type { CheerioAPI } from 'cheerio';
import type { JsonObject } from 'errand';

export interface JsonLd {
  /** Every object that has a type, those inside others too, outer ones first. */
  readonly items: readonly JsonObject[];
  /** Of blocks that are no JSON. */
  readonly errors: readonly string[];
}

const MAX_ITEMS = 200;
const DEEPEST = 12;

/** Reads the page's blocks of `application/ld+json`. */
export function readJsonLd($: CheerioAPI): JsonLd {
  const items: JsonObject[] = [];
  const errors: string[] = [];
  for (const element of $('script[type="application/ld+json" i]').toArray()) {
    const text = $(element).text().trim();
    if (text === '') continue;
    try {
      collect(JSON.parse(text), items, 0);
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { items, errors };
}

function collect(value: unknown, items: JsonObject[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
  if (!Array.isArray(value) && '@type' in value && items.length < MAX_ITEMS) items.push(value as JsonObject);
  for (const inner of Object.values(value)) collect(inner, items, depth + 1);
}

/** Without the namespace: `Bakery`. */
export function typesOf(item: JsonObject): string[] {
  const type: unknown = item['@type'];
  const types = Array.isArray(type) ? type : [type];
  return types.filter((each) => typeof each === 'string').map((each) => each.replace(/^.*[/#:]/, ''));
}

/** The value's text: itself, or what an object calls its name or value. */
export function textOf(value: unknown): string | null {
  if (Array.isArray(value)) return textOf(value[0]);
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim();
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return null;
  const { name, '@value': plain, '@id': id } = value as { readonly [name: string]: unknown };
  return textOf(name ?? plain ?? id ?? null);
}
