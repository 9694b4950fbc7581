import { type ModelsConfig, NO_MODELS_CONFIG } from '../core/models/models-config.js';
import { readModels } from '../declarations/read-models.js';
import { MODELS_FILE } from './find-workflow-files.js';
import { loadDeclarations, type LoadedDeclarations } from './load-declarations.js';

export type LoadedModels = Pick<LoadedDeclarations<never>, 'faults' | 'files'> & {
  /** Without what has faults. */
  readonly config: ModelsConfig;
};

/** Reads `<dir>/models.yaml`, which need not be there. */
export async function loadModels(dir: string): Promise<LoadedModels> {
  const { declared, faults, files } = await loadDeclarations<ModelsConfig>({
    dir,
    file: MODELS_FILE,
    none: NO_MODELS_CONFIG,
    read: (value) => {
      const { config, faults: found } = readModels(value);
      return { declared: config, faults: found };
    },
  });
  return { config: declared, faults, files };
}
