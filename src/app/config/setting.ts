/** One setting: where it is said, and how. */
export interface Setting<T> {
  readonly env: string;
  readonly flag: string | null;
  readonly parse: (text: string, name: string) => T;
  readonly fallback: T;
}

/** The value of each, by its name. */
export function readSettings<C extends object>(
  settings: { readonly [K in keyof C]: Setting<C[K]> },
  read: <T>(setting: Setting<T>) => T,
): C {
  const names = Object.keys(settings) as (keyof C)[];
  return Object.fromEntries(names.map((name) => [name, read(settings[name])])) as C;
}

/** With commas between them. */
export function listOf<T>(parse: (text: string, name: string) => T) {
  return (text: string, name: string): readonly T[] =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map((item) => parse(item, name));
}
