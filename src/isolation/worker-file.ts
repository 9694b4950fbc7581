import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The path of a program beside the module at `url`. Node runs what was built, in one file where there is one:
 * `scripts/build/bundle.mjs` finds the calls of this function. A module that a test has loaded from `src/` finds its
 * programs in `dist/`.
 */
export function builtFile(name: string, url: string): string {
  const file = fileURLToPath(new URL(name, url));
  const built = url.endsWith('.ts') ? file.replace(/([\\/])src([\\/])(?!.*[\\/]src[\\/])/, '$1dist$2') : file;
  const bundled = built.replace(/([\\/]dist[\\/])(?!.*[\\/]dist[\\/]).*?([^\\/]+)$/, '$1bundle/$2');
  return existsSync(bundled) ? bundled : built;
}
