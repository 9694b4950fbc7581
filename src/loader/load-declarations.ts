import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../core/workflow/definition.js';
import { errorMessage } from '../core/errors.js';
import type { DefinitionFault } from '../workflow/check/fields/faults.js';
import { parseSource } from '../workflow/parse-source.js';

/** What a file beside the workflows declares, and where it is. */
export interface LoadedDeclarations<Declared> {
  readonly declared: Declared;
  /** Those with faults too: a node that names one of them is not at fault. */
  readonly names: ReadonlySet<string>;
  readonly faults: readonly Fault[];
  readonly files: readonly string[];
}

/** Reads `<dir>/<file>`, YAML that need not be there; `none` stands for one that cannot be read. */
export async function loadDeclarations<Declared>(params: {
  readonly dir: string;
  readonly file: string;
  readonly none: Declared;
  /** Makes out what is declared. What has a fault is left out. */
  readonly read: (value: unknown) => { readonly declared: Declared; readonly faults: readonly DefinitionFault[] };
}): Promise<LoadedDeclarations<Declared>> {
  const { dir, file, none, read } = params;
  const path = join(dir, file);
  const files = [path];
  const refuse = (faults: readonly Omit<Fault, 'file'>[]): LoadedDeclarations<Declared> => ({
    declared: none,
    names: new Set(),
    faults: faults.map((fault) => ({ file, ...fault })),
    files,
  });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return refuse([]);
    return refuse([{ line: null, column: null, path: '', message: `the file cannot be read: ${errorMessage(error)}` }]);
  }
  const source = parseSource({ text, format: 'yaml' });
  if (source.faults.length > 0) return refuse(source.faults.map((fault) => ({ path: '', ...fault })));
  const value = source.value ?? {};
  const { declared, faults } = read(value);
  return {
    declared,
    names: new Set(Object.keys(value)),
    faults: faults.map(({ at, path: where, message, value: found }) => ({
      file,
      ...source.locate(at),
      path: where,
      message,
      ...(found === undefined ? {} : { value: found }),
    })),
    files,
  };
}
