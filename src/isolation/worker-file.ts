import { fileURLToPath } from 'node:url';

/**
 * The path of a program beside the module at `url`. Node runs what was built; a module that a test has loaded from `src/` finds its programs in `dist/`.
 */
export function builtFile(name: string, url: string): string {
  const file = fileURLToPath(new URL(name, url));
  return url.endsWith('.ts') ? file.replace(/([\\/])src([\\/])(?!.*[\\/]src[\\/])/, '$1dist$2') : file;
}
