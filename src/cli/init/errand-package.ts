import { access, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOCAL = 'file:';

/** Of this program: a checkout, or where npm has put the package. */
export const programFolder = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

/**
 * What a project's package.json has to say so that `npm install` gets this program once more: the file or folder that
 * it was installed from; its version where that was a registry; else its own folder.
 */
export async function packageOf(program: string, version: string): Promise<string> {
  const modules = dirname(program);
  const from = basename(modules) === 'node_modules' ? await installedFrom(modules, basename(program)) : null;
  if (from === null) return `${LOCAL}${program}`;
  if (!from.startsWith(LOCAL)) return `^${version}`;
  const path = resolve(dirname(modules), from.slice(LOCAL.length));
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return `${LOCAL}${isThere ? path : program}`;
}

/** As npm has noted it; null where it has not, as for global packages. */
async function installedFrom(modules: string, name: string): Promise<string | null> {
  try {
    const { packages } = JSON.parse(await readFile(join(modules, '.package-lock.json'), 'utf8')) as {
      packages: { [path: string]: { resolved?: string } | undefined };
    };
    return packages[`node_modules/${name}`]?.resolved ?? null;
  } catch {
    return null;
  }
}

/** The path of a package that is no registry's; null for one that is. */
export function pathOf(spec: string): string | null {
  return spec.startsWith(LOCAL) ? spec.slice(LOCAL.length) : null;
}
