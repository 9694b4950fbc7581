import type { Json } from '../core/json.js';

export interface AbridgeLimits {
  readonly items: number;
  readonly characters: number;
}

/** A value with its long lists and texts cut, each cut saying how much is left out. Still JSON. */
export function abridge(value: Json, limits: AbridgeLimits): Json {
  if (typeof value === 'string') {
    const over = value.length - limits.characters;
    return over <= 0 ? value : `${value.slice(0, limits.characters)}… (${over} more characters)`;
  }
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const shown = items.slice(0, limits.items).map((item) => abridge(item, limits));
    return items.length > limits.items ? [...shown, `… (${items.length - limits.items} more)`] : shown;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, abridge(field, limits)]));
  }
  return value;
}
