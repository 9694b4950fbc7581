/** Where hooks are: the rest of such a path lets others in. */
export const HOOKS_PATH = '/hooks/';

/** As the log may have it. */
export function loggedPath(path: string): string {
  return path.startsWith(HOOKS_PATH) ? `${HOOKS_PATH}…` : path;
}
