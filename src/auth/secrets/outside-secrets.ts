import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ErrandError, errorMessage } from '../../core/errors.js';
import type { OutsideSecrets } from '../../core/ports/secrets.js';

/** Before the name in capitals, in the environment. */
export const SECRET_VARIABLE_PREFIX = 'ERRAND_WORKFLOW_SECRET_';

interface Outside {
  readonly env: { readonly [name: string]: string | undefined };
  /** With a file for each secret, as Docker and Kubernetes mount them; null for none. */
  readonly folder: string | null;
}

/** Secrets in files and in the environment. Each is looked up anew: a mounted file may change. */
export function createOutsideSecrets({ env, folder }: Outside): OutsideSecrets {
  return {
    async find(name) {
      const inFile = folder === null ? null : await readIfThere(join(folder, name));
      if (inFile !== null && inFile !== '') return { value: inFile, source: 'file' };
      const value = env[SECRET_VARIABLE_PREFIX + name.toUpperCase()];
      return value === undefined || value === '' ? null : { value, source: 'environment' };
    },
  };
}

/** Without the line break that editors put at the end. */
async function readIfThere(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null;
    throw new ErrandError('unavailable', `A secret cannot be read from its file: ${errorMessage(cause)}.`, { cause });
  }
}
