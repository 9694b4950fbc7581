import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../src/core/json.js';
import { KEY, repository } from '../support/server/server-process.js';

/** One request, whose answer is of no interest here. */
export interface Probe {
  readonly name: string;
  send(server: MeasuredServer): Promise<void>;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: { readonly [name: string]: string };
  /** Sent one after the other. */
  readonly body?: readonly Buffer[];
}

const ANSWERED_WITHIN_MS = 60_000;

/** `errand serve` in a process of its own, which measures the longest turn of its event loop. */
export class MeasuredServer {
  readonly #child: ChildProcess;
  readonly #agent: Agent;
  #output = '';
  port = 0;

  private constructor(child: ChildProcess, sockets: number) {
    this.#child = child;
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
  }

  /** `main`: the compiled command line to start. `sockets`: how many requests are sent at once. */
  static async start(params: {
    readonly main: string;
    readonly data: string;
    readonly workflows: string;
    readonly sockets?: number;
  }) {
    const meter = join(repository, 'test', 'event-loop', 'turn-meter.mjs');
    const { main, data, workflows, sockets = 1 } = params;
    const child = spawn(process.execPath, ['--import', meter, main, 'serve', '--port', '0', '--data', data], {
      env: {
        PATH: process.env['PATH'],
        ERRAND_BOOTSTRAP_KEY: KEY,
        ERRAND_BOOTSTRAP_CREDITS: '1000000',
        ERRAND_MUTATING_CALLS_PER_MINUTE: '1000000',
        // What takes longer is done elsewhere, and waited for.
        ERRAND_EXPRESSION_TIME: '200ms',
        ERRAND_WORKFLOWS: workflows,
        ERRAND_OUTBOUND_ALLOW: '127.0.0.1',
        ERRAND_PUBLISHED_CODE: 'operators',
        ERRAND_SECRETS_KEY: `${'s'.repeat(43)}=`,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const server = new MeasuredServer(child, sockets);
    await server.#untilServing();
    return server;
  }

  async #untilServing(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        if (this.port !== 0) return;
        this.#output += chunk.toString();
        const match = /Errand serves on \S+:(\d+)/.exec(this.#output);
        if (match === null) return;
        this.port = Number(match[1]);
        resolve();
      };
      this.#child.stdout?.on('data', read);
      this.#child.stderr?.on('data', read);
      this.#child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${this.#output}`)));
    });
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  /** The longest turn since this was asked last, in milliseconds. */
  async takeLongest(): Promise<number> {
    return await this.#ask('longest turn?');
  }

  /** How long a piece of work takes now that takes `KNOWN_WORK_MS` on a calm machine, in milliseconds. */
  async doKnownWork(): Promise<number> {
    return await this.#ask('known work?');
  }

  async #ask(question: string): Promise<number> {
    const told = once(this.#child, 'message') as Promise<[number]>;
    this.#child.send(question);
    return (await told)[0];
  }

  /** Resolves when the answer is there; of an event stream, with its first piece. */
  async send({ method, path, headers = {}, body }: HttpRequest): Promise<{ status: number; text: string }> {
    return await new Promise((resolve, reject) => {
      const length = body?.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const call = request({
        port: this.port,
        host: '127.0.0.1',
        method,
        path,
        agent: this.#agent,
        headers: {
          authorization: `Bearer ${KEY}`,
          ...(length === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(length) }),
          ...headers,
        },
        timeout: ANSWERED_WITHIN_MS,
      });
      call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no answer in ${ANSWERED_WITHIN_MS} ms`)));
      call.once('error', reject);
      call.once('response', (response) => {
        const chunks: Buffer[] = [];
        const done = (): void => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          if (!String(response.headers['content-type']).startsWith('text/event-stream')) return;
          done();
          response.destroy();
        });
        response.once('end', done);
        response.once('error', done);
      });
      for (const piece of body ?? []) call.write(piece);
      call.end();
    });
  }

  /** Writes bytes that need be no request; resolves when the connection is closed, or something is answered. */
  async sendRaw(bytes: Buffer): Promise<void> {
    await new Promise<void>((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      const end = (): void => {
        socket.destroy();
        resolve();
      };
      socket.setTimeout(2_000, end);
      socket.once('data', end);
      socket.once('close', end);
      socket.once('error', end);
      socket.end(bytes);
    });
  }

  async json(method: string, path: string, body?: Json): Promise<JsonObject> {
    const { text } = await this.send({
      method,
      path: `/api/v1${path}`,
      ...(body === undefined ? {} : { body: [Buffer.from(JSON.stringify(body))] }),
    });
    return JSON.parse(text) as JsonObject;
  }
}
