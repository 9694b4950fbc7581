import { loadTypeScript } from '../load-typescript.mjs';

/**
 * The model server for programs that are not run by vitest.
 *
 * @returns {Promise<typeof import('./model-server.js')>}
 */
export async function loadModelServer() {
  return await loadTypeScript(new URL('./model-server.ts', import.meta.url));
}
