/** One setting: where it is said, and how. */
export interface Setting<T> {
  readonly env: string;
  readonly flag: string | null;
  readonly parse: (text: string, name: string) => T;
  readonly fallback: T;
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
