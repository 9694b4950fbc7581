import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('docs/configuration.md', () => {
  const variables = new Set(
    [
      ...(textOf('./config.ts') + textOf('./cluster-settings.ts') + textOf('./keep-settings.ts')).matchAll(
        /'(ERRAND_[A-Z0-9_]+)'/g,
      ),
    ].map((match) => match[1]!),
  );

  it('is held against the settings that there are', () => {
    expect(variables.size).toBeGreaterThan(20);
  });

  it.each([...variables])('names %s', (variable) => {
    expect(textOf('../../../docs/configuration.md')).toContain(`\`${variable}\``);
  });
});
