import { existsSync, readFileSync } from 'node:fs';
import { ErrandError } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/json.js';
import type { ResourceContents } from '../../contract/sources.js';

/** The view of a run that hosts with MCP Apps show in the conversation. */
export const RUN_APP_URI = 'ui://errand/run';

const MIME_TYPE = 'text/html;profile=mcp-app';
/** It changes with the server alone. */
const TTL_MS = 3_600_000;

/** Of the built program, also when a test has loaded this module from `src/`. */
const FILE = new URL(
  import.meta.url.endsWith('.ts') ? '../../../../dist/mcp-app/run.html' : '../../../mcp-app/run.html',
  import.meta.url,
);

/**
 * For tools whose runs it shows; empty where the program was built without it. Hosts of before `_meta.ui` know the
 * other name.
 */
export const RUN_APP_META: { readonly meta?: JsonObject } = existsSync(FILE)
  ? { meta: { ui: { resourceUri: RUN_APP_URI }, 'ui/resourceUri': RUN_APP_URI } }
  : {};

let html: string | null = null;

/** Throws `not_found` where the program was built without it. */
export function readRunApp(): ResourceContents {
  if (RUN_APP_META.meta === undefined) throw new ErrandError('not_found', 'Resource not found');
  html ??= readFileSync(FILE, 'utf8');
  // It loads nothing and asks nobody but the host.
  const ui = { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true };
  return { contents: [{ uri: RUN_APP_URI, mimeType: MIME_TYPE, text: html, _meta: { ui } }], ttlMs: TTL_MS };
}
