import { existsSync, readFileSync } from 'node:fs';
import { ErrandError } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/json.js';
import type { ResourceContents } from '../../contract/sources.js';

/** The views that hosts with MCP Apps show in the conversation: a run, a list of runs, a workflow's form. */
export const APPS = ['run', 'runs', 'workflow'] as const;
export type AppName = (typeof APPS)[number];

const PREFIX = 'ui://errand/';
const MIME_TYPE = 'text/html;profile=mcp-app';
/** It changes with the server alone. */
const TTL_MS = 3_600_000;

/** Of the built program, also when a test has loaded this module from `src/`. */
function fileOf(name: AppName): URL {
  const built = import.meta.url.endsWith('.ts') ? '../../../../dist/mcp-app/' : '../../../mcp-app/';
  return new URL(`${built}${name}.html`, import.meta.url);
}

/**
 * For tools whose results a view shows; empty where the program was built without it. Hosts of before `_meta.ui` know
 * the other name.
 */
export function appMeta(name: AppName): { readonly meta?: JsonObject } {
  const uri = PREFIX + name;
  return existsSync(fileOf(name)) ? { meta: { ui: { resourceUri: uri }, 'ui/resourceUri': uri } } : {};
}

const read = new Map<AppName, string>();

/** The view at an address; null for addresses of others. Throws `not_found` for one that there is not. */
export function readApp(uri: string): ResourceContents | null {
  if (!uri.startsWith(PREFIX)) return null;
  const name = APPS.find((known) => PREFIX + known === uri);
  if (name === undefined || !existsSync(fileOf(name))) throw new ErrandError('not_found', 'Resource not found');
  const html = read.get(name) ?? readFileSync(fileOf(name), 'utf8');
  read.set(name, html);
  // It loads nothing and asks nobody but the host.
  const ui = { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true };
  return { contents: [{ uri, mimeType: MIME_TYPE, text: html, _meta: { ui } }], ttlMs: TTL_MS };
}
