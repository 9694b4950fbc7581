import type { ResourceLimits } from '../core/tenant/scheduling.js';
import { readResources } from '../declarations/read-resources.js';
import { RESOURCES_FILE } from './find-workflow-files.js';
import { loadDeclarations, type LoadedDeclarations } from './load-declarations.js';

export type LoadedResources = Omit<LoadedDeclarations<never>, 'declared'> & {
  readonly resources: ReadonlyMap<string, ResourceLimits>;
};

/** Reads `<dir>/resources.yaml`, which need not be there. */
export async function loadResources(dir: string): Promise<LoadedResources> {
  const { declared: resources, ...rest } = await loadDeclarations<ReadonlyMap<string, ResourceLimits>>({
    dir,
    file: RESOURCES_FILE,
    none: new Map(),
    read: (value) => {
      const { resources: declared, faults } = readResources(value);
      return { declared, faults };
    },
  });
  return { resources, ...rest };
}
