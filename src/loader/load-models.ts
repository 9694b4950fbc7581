import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../core/definition.js';
import { errorMessage } from '../core/errors.js';
import { type ModelsConfig, NO_MODELS_CONFIG } from '../core/models-config.js';
import { parseSource } from '../workflow/parse-source.js';
import { readModels } from '../workflow/read-models.js';
import { MODELS_FILE } from './find-workflow-files.js';

export interface LoadedModels {
  /** Without what has faults. */
  readonly config: ModelsConfig;
  readonly faults: readonly Fault[];
  readonly files: readonly string[];
}

/** Reads `<dir>/models.yaml`, which need not be there. */
export async function loadModels(dir: string): Promise<LoadedModels> {
  const path = join(dir, MODELS_FILE);
  const refuse = (faults: readonly Omit<Fault, 'file'>[]): LoadedModels => ({
    config: NO_MODELS_CONFIG,
    faults: faults.map((fault) => ({ file: MODELS_FILE, ...fault })),
    files: [path],
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
  const { config, faults } = readModels(source.value ?? {});
  return {
    config,
    faults: faults.map(({ at, path: where, message, value }) => ({
      file: MODELS_FILE,
      ...source.locate(at),
      path: where,
      message,
      ...(value === undefined ? {} : { value }),
    })),
    files: [path],
  };
}
