import { relative, sep } from 'node:path';
import type { Fault, HandlerRef, WorkflowDefinition } from '../../core/workflow/definition.js';
import { type Bundle, bundlePortably } from '../bundles/bundle-handler.js';
import type { LoadedFolder } from '../load-folder.js';

/** Code for other machines. */
export interface PackedBundle extends Bundle {
  /** What it imports from packages. */
  readonly packages: readonly string[];
}

export interface PackedFolder {
  readonly workflows: readonly {
    readonly definition: WorkflowDefinition;
    readonly handlers: { readonly [nodePath: string]: Extract<HandlerRef, { kind: 'bundle' }> };
  }[];
  readonly bundles: readonly PackedBundle[];
  /** Over all bundles. */
  readonly packages: readonly string[];
  /** What will not be there where they run. */
  readonly warnings: readonly Fault[];
}

/** Makes a folder that was loaded without faults ready to be sent: its handlers are bundled for any machine. */
export async function packFolder(params: {
  readonly dir: string;
  readonly loaded: LoadedFolder;
}): Promise<PackedFolder> {
  const { dir, loaded } = params;
  const bundles = new Map<string, PackedBundle>();
  const placed = new Set<string>();
  for (const [sha, file] of loaded.entries) {
    const result = await bundlePortably({ file });
    // The same file was bundled a moment ago.
    if (result.status === 'faulty')
      throw new Error(`${file}: ${result.faults.map(({ message }) => message).join('; ')}`);
    bundles.set(sha, { ...result.bundle, packages: result.leftOut.packages });
    for (const each of result.leftOut.placed) placed.add(each);
  }
  const workflows = loaded.workflows.map(({ definition, handlers }) => ({
    definition,
    handlers: Object.fromEntries(
      Object.entries(handlers).flatMap(([path, ref]) => {
        const bundle = ref.kind === 'bundle' ? bundles.get(ref.bundle) : undefined;
        return ref.kind === 'bundle' && bundle !== undefined ? [[path, { ...ref, bundle: bundle.sha }] as const] : [];
      }),
    ),
  }));
  const used = new Set(workflows.flatMap(({ handlers }) => Object.values(handlers).map(({ bundle }) => bundle)));
  const sent = [...new Map([...bundles.values()].map((bundle) => [bundle.sha, bundle])).values()];
  const kept = sent.filter(({ sha }) => used.has(sha));
  return {
    workflows,
    bundles: kept,
    packages: [...new Set(kept.flatMap(({ packages }) => packages))].toSorted(),
    warnings: [...placed].toSorted().map((file) => warnOfPlace(relative(dir, file).split(sep).join('/'))),
  };
}

function warnOfPlace(file: string): Fault {
  const message = 'import.meta is where the code runs once it is published: files beside this one are not sent along';
  return { file, line: null, column: null, path: '', message };
}
