import { type McpServerConfig, readVariable, variablesIn } from '../core/ports/mcp-servers-config.js';
import type { Environment } from './environment.js';

/** Shorter texts are too likely to be something else. */
const MIN_LENGTH = 4;

/**
 * Takes what may be secret (what stands in variables and headers, and the query of the address) out of a text that
 * others will read.
 */
export function createRedactor(config: McpServerConfig, env: Environment): (text: string) => string {
  const written =
    config.transport === 'stdio' ? Object.values(config.env) : [config.url, ...Object.values(config.headers)];
  const variables = written.flatMap((text) => variablesIn(text)).flatMap((name) => readVariable(env, name) ?? []);
  const headers =
    config.transport === 'http' ? Object.values(config.headers).filter((value) => !value.includes('$')) : [];
  const query = config.transport === 'http' && URL.canParse(config.url) ? new URL(config.url).search.slice(1) : '';
  const secrets = [...variables, ...headers, query]
    .filter((secret) => secret.length >= MIN_LENGTH)
    .toSorted((a, b) => b.length - a.length);
  return (text) => secrets.reduce((told, secret) => told.replaceAll(secret, '***'), text);
}
