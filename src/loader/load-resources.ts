import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../core/definition.js';
import { errorMessage } from '../core/errors.js';
import type { ResourceLimits } from '../core/scheduling.js';
import { parseSource } from '../workflow/parse-source.js';
import { readResources } from '../workflow/read-resources.js';
import { RESOURCES_FILE } from './find-workflow-files.js';

export interface LoadedResources {
  readonly resources: ReadonlyMap<string, ResourceLimits>;
  /** Those with faults too: a node that names one of them is not at fault. */
  readonly names: ReadonlySet<string>;
  readonly faults: readonly Fault[];
  readonly files: readonly string[];
}

/** Reads `<dir>/resources.yaml`, which need not be there. */
export async function loadResources(dir: string): Promise<LoadedResources> {
  const path = join(dir, RESOURCES_FILE);
  const refuse = (faults: readonly Omit<Fault, 'file'>[]): LoadedResources => ({
    resources: new Map(),
    names: new Set(),
    faults: faults.map((fault) => ({ file: RESOURCES_FILE, ...fault })),
    files: [path],
  });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return refuse([]);
    return refuse([{ line: null, column: null, path: '', message: `the file cannot be read: ${errorMessage(error)}` }]);
  }
  const source = parseSource({ text, format: 'yaml' });
  if (source.faults.length > 0) return refuse(source.faults.map((fault) => ({ path: '', ...fault })));
  const { resources, faults } = readResources(source.value ?? {});
  return {
    resources,
    names: new Set(Object.keys(source.value ?? {})),
    faults: faults.map(({ at, path: where, message, value }) => ({
      file: RESOURCES_FILE,
      ...source.locate(at),
      path: where,
      message,
      ...(value === undefined ? {} : { value }),
    })),
    files: [path],
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
