import { parseDuration } from '../core/time/duration.js';
import {
  MCP_SHARING,
  type McpServerConfig,
  type McpServersConfig,
  type McpSharing,
  variablesIn,
} from '../core/ports/mcp-servers-config.js';
import {
  checkFields,
  duration,
  type FieldCheck,
  type FieldRules,
  isFields,
  oneOf,
  text,
  wholeNumber,
} from '../workflow/check/fields/check-fields.js';
import { type DefinitionFault, Faults } from '../workflow/check/fields/faults.js';
import { showType } from '../workflow/schema/value-text.js';

/** A server as it is declared. */
export interface McpServerDefinition {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string | number | boolean };
  readonly cwd?: string;
  readonly url?: string;
  readonly headers?: { readonly [name: string]: string | number | boolean };
  readonly timeout?: string | number;
  readonly per?: McpSharing;
  readonly allow?: string | readonly string[];
  readonly workflows?: { readonly [workflowId: string]: string | readonly string[] };
  readonly concurrency?: number;
}

const NAME = /^[a-z][a-z0-9_]{0,99}$/;

/**
 * Reads declarations of MCP servers, by name. What has a fault is left out. `env` is where `${NAME}` is looked up;
 * `resolvePath` makes a folder absolute.
 */
export function readMcpServers(params: {
  readonly value: unknown;
  readonly env: { readonly [name: string]: string | undefined };
  readonly resolvePath: (path: string) => string;
}): { readonly servers: McpServersConfig; readonly faults: readonly DefinitionFault[] } {
  const { value, env, resolvePath } = params;
  const faults = new Faults();
  const servers = new Map<string, McpServerConfig>();
  if (!isFields(value)) {
    faults.add([], 'servers are declared by name: files: { command: mcp-server-files, args: [./data] }', value);
    return { servers, faults: faults.list };
  }
  const rules = rulesFor(env);
  for (const [name, declared] of Object.entries(value)) {
    const before = faults.list.length;
    if (!NAME.test(name)) {
      faults.add([name], 'a name has lower-case letters, digits and _, and starts with a letter', name);
    }
    checkFields({ value: declared, at: [name], what: 'an MCP server', rules, faults });
    const definition = declared as McpServerDefinition;
    if (faults.list.length === before) checkTransport(name, definition, faults);
    if (faults.list.length === before) servers.set(name, toConfig(definition, resolvePath));
  }
  return { servers, faults: faults.list.map(withoutSecrets) };
}

/**
 * What is written under a wrong name may be a password all the same: only single values that cannot be one are told.
 */
function withoutSecrets(fault: DefinitionFault): DefinitionFault {
  const { value, ...told } = fault;
  const field = fault.at[1];
  const isPublic = typeof value !== 'object' && (field === undefined || PUBLIC.has(String(field)));
  return value === undefined || !isPublic ? told : fault;
}

const PUBLIC = new Set(['command', 'cwd', 'timeout', 'per', 'allow', 'workflows', 'concurrency']);

function rulesFor(env: { readonly [name: string]: string | undefined }): FieldRules {
  const filled: FieldCheck = (value, at, faults) => {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      faults.add(at, `must be text, not ${showType(value)}`);
      return;
    }
    for (const name of variablesIn(String(value))) {
      if (env[name] === undefined) faults.add(at, `the environment variable ${name} is not set`);
    }
  };
  return {
    command: { check: text },
    args: { check: listOf(text) },
    env: { check: mapOf(filled) },
    cwd: { check: text },
    url: {
      check: (value, at, faults) => {
        checkUrl(value, at, faults);
        if (typeof value === 'string') filled(value, at, faults);
      },
    },
    headers: { check: mapOf(filled) },
    timeout: { check: duration(1) },
    per: { check: oneOf(...MCP_SHARING) },
    allow: { check: toolNames },
    workflows: { check: mapOf(toolNames) },
    concurrency: { check: wholeNumber(1, 10_000) },
  };
}

const toolNames: FieldCheck = (value, at, faults) => {
  if (typeof value === 'string') text(value, at, faults);
  else if (Array.isArray(value)) listOf(text)(value, at, faults);
  else faults.add(at, `must be a list of tools, in whose names * stands for any text, not ${showType(value)}`, value);
};

const checkUrl: FieldCheck = (value, at, faults) => {
  const told = typeof value === 'string' ? value.replaceAll(/\$\{\w+\}/g, 'x') : '';
  if (!URL.canParse(told) || !/^https?:$/.test(new URL(told).protocol)) {
    faults.add(at, 'must be an address that starts with http:// or https://', value);
  }
};

function listOf(check: FieldCheck): FieldCheck {
  return (value, at, faults) => {
    if (!Array.isArray(value)) faults.add(at, `must be a list, not ${showType(value)}`, value);
    else for (const [index, item] of (value as readonly unknown[]).entries()) check(item, [...at, index], faults);
  };
}

function mapOf(check: FieldCheck): FieldCheck {
  return (value, at, faults) => {
    if (!isFields(value)) faults.add(at, `must be values by their names, not ${showType(value)}`, value);
    else for (const [name, item] of Object.entries(value)) check(item, [...at, name], faults);
  };
}

const ONLY_STDIO = ['args', 'env', 'cwd'] as const;

function checkTransport(name: string, definition: McpServerDefinition, faults: Faults): void {
  const { command, url, headers } = definition;
  if (command === undefined && url === undefined) {
    faults.add([name], 'needs a "command" to start it by, or the "url" that it is reached at');
  } else if (command !== undefined && url !== undefined) {
    faults.add([name, 'url'], 'a server has either a "command" or a "url"', url);
  } else if (command !== undefined && headers !== undefined) {
    faults.add([name, 'headers'], '"headers" are for servers with a "url"');
  } else if (url !== undefined) {
    for (const field of ONLY_STDIO) {
      if (definition[field] !== undefined) faults.add([name, field], `"${field}" is for servers with a "command"`);
    }
  }
}

function toConfig(definition: McpServerDefinition, resolvePath: (path: string) => string): McpServerConfig {
  const { command, args, env, cwd, url, headers, timeout, per, allow, workflows, concurrency } = definition;
  const rules = {
    timeoutMs: parseDuration(timeout),
    ...(per === undefined ? {} : { per }),
    allow: allow === undefined ? null : toList(allow),
    workflows: workflows === undefined ? null : mapValues(workflows, toList),
    concurrency: concurrency ?? null,
  };
  if (command === undefined)
    return { ...rules, transport: 'http', url: url ?? '', headers: mapValues(headers, String) };
  return {
    ...rules,
    transport: 'stdio',
    command,
    args: args ?? [],
    env: mapValues(env, String),
    cwd: resolvePath(cwd ?? '.'),
  };
}

function toList(tools: string | readonly string[]): readonly string[] {
  return typeof tools === 'string' ? [tools] : tools;
}

function mapValues<From, To>(
  record: { readonly [name: string]: From } | undefined,
  change: (value: From) => To,
): { [name: string]: To } {
  return Object.fromEntries(Object.entries(record ?? {}).map(([name, value]) => [name, change(value)]));
}
