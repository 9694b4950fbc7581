import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../../../src/core/json.js';
import { anthropic } from './anthropic.js';
import {
  cutInto,
  type Dialect,
  type Fields,
  fieldsOf,
  type ModelServerAnswer,
  type ModelServerRequest,
  type ModelServerScript,
  type SpokenAnswer,
  type WholeAnswer,
} from './answers.js';
import { google } from './google.js';
import { openAiChat } from './openai-chat.js';
import { openAiResponses } from './openai-responses.js';
import { respondMalformed, respondWithError, speak } from './respond.js';

const DIALECTS: readonly Dialect[] = [openAiChat, openAiResponses, anthropic, google];

export interface ModelServer {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** `<origin>/v1`: what `OPENAI_BASE_URL`, `ANTHROPIC_BASE_URL` and `base_url` are set to, Google's too. */
  readonly url: string;
  readonly port: number;
  /** All that came, refused ones included, in order. */
  readonly requests: readonly ModelServerRequest[];
  /** What to answer from here on; starts with `ok` to everything. A list that is used up answers 400. */
  script(script: ModelServerScript): void;
  /** Resolves when that many requests have come, counted from the start. */
  arrived(count: number): Promise<void>;
  /** Hangs up on everybody. */
  close(): Promise<void>;
}

/**
 * A server that speaks the wire formats of OpenAI (chat completions, responses), Anthropic (messages) and Google
 * (generateContent), and answers as scripted.
 */
export async function startModelServer(
  options: {
    readonly port?: number;
    /** What a request has to bring; 401 to others. */
    readonly key?: string;
    readonly script?: ModelServerScript;
  } = {},
): Promise<ModelServer> {
  const state = new ServerState(options.script ?? (() => 'ok'), options.key ?? null);
  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    state.handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(`the script failed: ${String(error)}`);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    url: `${origin}/v1`,
    port,
    requests: state.requests,
    script: (script) => state.setScript(script),
    arrived: (count) => state.arrived(count),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class ServerState {
  readonly requests: ModelServerRequest[] = [];
  #answerTo: (request: ModelServerRequest) => ModelServerAnswer | Promise<ModelServerAnswer> = () => 'ok';
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  readonly #key: string | null;
  /** Those that this server broke off. */
  readonly #cut = new WeakSet<ServerResponse>();
  #calls = 0;

  constructor(script: ModelServerScript, key: string | null) {
    this.setScript(script);
    this.#key = key;
  }

  setScript(script: ModelServerScript): void {
    if (typeof script === 'function') {
      this.#answerTo = script;
      return;
    }
    const left = [...script];
    this.#answerTo = () =>
      left.shift() ?? { kind: 'error', status: 400, message: 'the script has no answer to this request' };
  }

  arrived(count: number): Promise<void> {
    if (this.requests.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const dialect = DIALECTS.find(({ paths }) => paths.some((ending) => path.endsWith(ending)));
    const text = await readBody(request);
    if (dialect === undefined || request.method !== 'POST') {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such address"}}');
      return;
    }
    const body = parseBody(text);
    if (body === null) {
      respondWithError(response, dialect, { kind: 'error', status: 400, message: 'the body is no JSON object' });
      return;
    }
    const seen = this.#record({ request, response, dialect, body, path });
    if (this.#key !== null && dialect.keyOf(request.headers) !== this.#key) {
      const message = `Incorrect API key provided: ${dialect.keyOf(request.headers) ?? ''}.`;
      respondWithError(response, dialect, { kind: 'error', status: 401, message });
      return;
    }
    const fault = dialect.faultIn?.(body, seen) ?? null;
    if (fault !== null) {
      respondWithError(response, dialect, { kind: 'error', status: 400, message: fault });
      return;
    }
    const answer = await this.#answerTo(seen);
    await this.#respond({ response, dialect, body, seen, answer });
  }

  #record(params: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly dialect: Dialect;
    readonly body: Fields;
    readonly path: string;
  }): ModelServerRequest {
    const { request, response, dialect, body, path } = params;
    const seen: ModelServerRequest = {
      ...dialect.see(body, path),
      api: dialect.api,
      index: this.requests.length,
      headers: request.headers,
      body: body as Json,
      ended: new Promise((resolve) => {
        response.once('close', () => {
          if (response.writableFinished) resolve('answered');
          else resolve(this.#cut.has(response) ? 'cut' : 'aborted');
        });
      }),
    };
    this.requests.push(seen);
    const arrived = this.#waiting.filter(({ count }) => this.requests.length >= count);
    this.#waiting = this.#waiting.filter((waiting) => !arrived.includes(waiting));
    for (const { resolve } of arrived) resolve();
    return seen;
  }

  async #respond(params: {
    readonly response: ServerResponse;
    readonly dialect: Dialect;
    readonly body: Fields;
    readonly seen: ModelServerRequest;
    readonly answer: ModelServerAnswer;
  }): Promise<void> {
    const { response, dialect, body, seen, answer } = params;
    if (typeof answer !== 'string' && answer.kind === 'hang') return;
    if (typeof answer !== 'string' && answer.kind === 'error') respondWithError(response, dialect, answer);
    else if (typeof answer !== 'string' && answer.kind === 'malformed') {
      respondMalformed(response, answer, seen.stream);
    } else {
      const spoken: SpokenAnswer = typeof answer === 'string' ? { text: answer } : answer;
      await speak({
        response,
        dialect,
        body,
        stream: seen.stream,
        spoken,
        answer: this.#complete(spoken, seen, dialect),
        onCut: () => this.#cut.add(response),
      });
    }
  }

  #complete(spoken: SpokenAnswer, seen: ModelServerRequest, dialect: Dialect): WholeAnswer {
    const said = spoken.json === undefined ? spoken.text : JSON.stringify(spoken.json);
    const toolCalls = (spoken.toolCalls ?? []).map((call) => {
      this.#calls += 1;
      return {
        id: call.id ?? dialect.newId(this.#calls, 'call'),
        name: call.name,
        input: typeof call.input === 'string' ? call.input : JSON.stringify(call.input),
      };
    });
    return {
      id: dialect.newId(seen.index + 1, 'answer'),
      model: seen.model,
      created: 1_760_000_000,
      text: said ?? (toolCalls.length > 0 || spoken.refusal !== undefined ? null : ''),
      pieces: cutInto(said ?? '', spoken.pieces ?? 3),
      toolCalls,
      reasoning: spoken.reasoning ?? null,
      refusal: spoken.refusal ?? null,
      finish: spoken.finish ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop'),
      usage: {
        input: spoken.usage?.input ?? 100,
        cached: spoken.usage?.cached ?? 0,
        output: spoken.usage?.output ?? 20,
      },
    };
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parseBody(text: string): Fields | null {
  try {
    const body = JSON.parse(text) as Json;
    return Object.keys(fieldsOf(body)).length === 0 ? null : fieldsOf(body);
  } catch {
    return null;
  }
}
