import type { JsonObject } from '../../core/json.js';
import type { Contract } from '../../mcp/contract/contract.js';
import type { AppDeps } from '../pipeline/app-deps.js';
import { baseUrl } from '../pipeline/bearer-challenge.js';
import type { Routes } from '../pipeline/routes.js';
import { sendJson } from '../transport/replies.js';
import { MOUNTS } from './mounts.js';

const SERVER_PATH = '/api';

/**
 * Contract B as one operation of OpenAPI, for programs that call tools through OpenAPI actions. No key is needed to
 * read it.
 */
export function addOpenApi(routes: Routes, { publicUrl, version }: AppDeps): void {
  for (const { path, contract, catalog } of MOUNTS) {
    if (!catalog) continue;
    const operation = path.slice(SERVER_PATH.length);
    routes.add(`${path}/openapi.json`, {
      GET: (exchange) => {
        const base = baseUrl(exchange, publicUrl);
        sendJson(exchange, JSON.stringify(openApiDocument({ contract, operation, base, version })));
      },
    });
  }
}

interface DocumentParams {
  readonly contract: Contract;
  /** Its path below the server's. */
  readonly operation: string;
  readonly base: string;
  readonly version: string;
}

function openApiDocument({ contract, operation, base, version }: DocumentParams): JsonObject {
  return {
    openapi: '3.0.3',
    info: { title: 'Errand', version, description: contract.instructions },
    servers: [{ url: base + SERVER_PATH }],
    security: [{ bearer: [] }],
    paths: { [operation]: { post: callTool(contract) } },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } }, schemas: SCHEMAS },
  };
}

function callTool({ tools: { fixed } }: Contract): JsonObject {
  const what = fixed.map(({ name, description, inputSchema }) => {
    const args = JSON.stringify(inputSchema['properties'] ?? {});
    return `- ${name}: ${description} Arguments: ${args}`;
  });
  return {
    operationId: 'callTool',
    summary: 'Call a tool',
    description: `Calls one tool by JSON-RPC 2.0.\n\n${what.join('\n')}`,
    requestBody: { required: true, content: json(callSchema(fixed.map(({ name }) => name))) },
    responses: {
      '200': { description: 'What the tool gave, or why it failed.', content: json(reference('Answer')) },
      '401': { description: 'The key is missing or not valid.', content: json(reference('Failure')) },
      '429': {
        description: 'Too many calls.',
        headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
        content: json(reference('Failure')),
      },
    },
  };
}

function callSchema(names: readonly string[]): JsonObject {
  return {
    type: 'object',
    required: ['jsonrpc', 'id', 'method', 'params'],
    properties: {
      jsonrpc: { type: 'string', enum: ['2.0'] },
      id: { type: 'integer' },
      method: { type: 'string', enum: ['tools/call'] },
      params: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', enum: names },
          arguments: { type: 'object', properties: {}, additionalProperties: true },
        },
      },
    },
  };
}

function json(schema: JsonObject): JsonObject {
  return { 'application/json': { schema } };
}

function reference(name: keyof typeof SCHEMAS): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

const TEXT: JsonObject = {
  type: 'object',
  required: ['type', 'text'],
  properties: {
    type: { type: 'string', enum: ['text'] },
    text: { type: 'string', description: "The tool's result, as JSON." },
  },
};

const ERROR: JsonObject = {
  type: 'object',
  required: ['code', 'message', 'data'],
  properties: {
    code: { type: 'integer' },
    message: { type: 'string' },
    data: { type: 'object', properties: { code: { type: 'string' } }, additionalProperties: true },
  },
};

const SCHEMAS = {
  Answer: {
    type: 'object',
    required: ['jsonrpc'],
    properties: {
      jsonrpc: { type: 'string' },
      id: { type: 'integer', nullable: true },
      result: {
        type: 'object',
        required: ['content'],
        properties: { content: { type: 'array', items: TEXT } },
      },
      error: ERROR,
    },
  },
  Failure: {
    type: 'object',
    required: ['jsonrpc', 'error'],
    properties: { jsonrpc: { type: 'string' }, id: { type: 'integer', nullable: true }, error: ERROR },
  },
} satisfies JsonObject;
