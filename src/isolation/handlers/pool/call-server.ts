import type { GenerateRequest, HandlerContext } from '../../../core/handlers/node-kind.js';
import type { AttemptBounds } from '../../../core/handlers/handler-workers.js';
import type { Json } from '../../../core/json.js';
import type { OutboundInit } from '../../../core/ports/outbound.js';
import type { FromWorker, Question, ToWorker, WireBody, WireRequest, WireResponse } from '../wire/messages.js';
import type { ValueSender } from '../wire/large-values.js';
import { packError, unpackError, type WireError } from '../wire/errors.js';

interface Work {
  /** How often the worker got to it too late. */
  late: number;
  readonly resolve: (value: Json | Promise<Json>) => void;
  readonly reject: (error: Error) => void;
}

interface OpenFetch {
  readonly abort: AbortController;
  reader: ReadableStreamDefaultReader<Uint8Array> | null;
}

type Body = NonNullable<OutboundInit['body']>;

/** By when code of a call begins that is sent now, in epoch milliseconds: each time it is late it may take longer. */
export function begunBy({ freshMs }: Pick<AttemptBounds, 'freshMs'>, late: number): number | null {
  return freshMs === null ? null : Date.now() + freshMs * 2 ** late;
}

/** What one call in a worker asks of the server, done in its name. */
export class CallServer {
  readonly #context: HandlerContext;
  readonly #bounds: AttemptBounds;
  readonly #post: (message: ToWorker) => void;
  readonly #values: ValueSender;
  /** By the id of their question. Null until there is one: most calls ask nothing. */
  #works: Map<number, Work> | null = null;
  #fetches: Map<number, OpenFetch> | null = null;
  #closed = false;

  constructor(params: {
    readonly context: HandlerContext;
    readonly bounds: AttemptBounds;
    readonly post: (message: ToWorker) => void;
    readonly values: ValueSender;
  }) {
    this.#context = params.context;
    this.#bounds = params.bounds;
    this.#post = params.post;
    this.#values = params.values;
  }

  /** Nobody is there any more to answer to: what goes on for the call is given up. */
  close(why: string): void {
    this.#closed = true;
    if (this.#works === null && this.#fetches === null) return;
    const error = new Error(why);
    for (const work of this.#works?.values() ?? []) work.reject(error);
    for (const { abort } of this.#fetches?.values() ?? []) abort.abort(error);
    this.#works = null;
    this.#fetches = null;
  }

  report({ progress, findings }: Extract<FromWorker, { kind: 'report' }>): void {
    if (progress !== null) this.#context.progress(progress.percent, progress.message ?? undefined);
    if (findings !== null) this.#context.findings(findings);
  }

  worked(id: number, value: Json | Promise<Json>): void {
    this.#works?.get(id)?.resolve(value);
    this.#works?.delete(id);
  }

  unworked(id: number, error: WireError): void {
    this.#works?.get(id)?.reject(unpackError(error));
    this.#works?.delete(id);
  }

  /** It was not begun: what is known of the run is asked again. */
  async workLate(id: number): Promise<void> {
    const work = this.#works?.get(id);
    if (work === undefined) return;
    try {
      await this.#bounds.beginWork();
      work.late += 1;
      if (this.#works?.get(id) === work) this.#postWork(id, work);
    } catch (error) {
      work.reject(error as Error);
      this.#works?.delete(id);
    }
  }

  drop(id: number): void {
    this.#fetches?.get(id)?.abort.abort(new DOMException('Its answer is not wanted any more', 'AbortError'));
    this.#fetches?.delete(id);
  }

  async ask(id: number, question: Question): Promise<void> {
    try {
      const value = await this.#values.pack(await this.#answer(id, question));
      if (!this.#closed) this.#post({ kind: 'answer', id, value });
    } catch (error) {
      if (!this.#closed) this.#post({ kind: 'refuse', id, error: packError(error) });
    }
  }

  #answer(id: number, question: Question): Promise<Json> {
    switch (question.kind) {
      case 'step':
        return this.#context.step<Json>(question.key, () => this.#work(id));
      case 'generate':
        return this.#generate(id, question);
      case 'fetch':
        return this.#fetch(id, question.request);
      case 'pull':
        return this.#pull(question.of);
      case 'secret':
        return this.#context.secrets.get(question.name);
    }
  }

  #work(id: number): Promise<Json> {
    return new Promise((resolve, reject) => {
      this.#works ??= new Map();
      const work: Work = { late: 0, resolve, reject };
      this.#works.set(id, work);
      this.#postWork(id, work);
    });
  }

  #postWork(id: number, { late }: Work): void {
    this.#post({ kind: 'work', id, by: begunBy(this.#bounds, late) });
  }

  async #generate(id: number, { request, wantsText }: Extract<Question, { kind: 'generate' }>): Promise<Json> {
    const onText = (text: string): void => {
      if (!this.#closed) this.#post({ kind: 'text', id, text });
    };
    const asked = request as unknown as GenerateRequest;
    return (await this.#context.generate(wantsText ? { ...asked, onText } : asked)) as unknown as Json;
  }

  async #fetch(id: number, request: WireRequest): Promise<Json> {
    const { url, method, headers, redirect, hosts } = request;
    const open: OpenFetch = { abort: new AbortController(), reader: null };
    this.#fetches ??= new Map();
    this.#fetches.set(id, open);
    try {
      const response = await this.#context.fetch(url, {
        ...(method === null ? {} : { method }),
        headers: headers.map(([name, value]): [string, string] => [name, value]),
        body: request.body === null ? null : unpackBody(request.body),
        ...(redirect === null ? {} : { redirect }),
        ...(hosts === null ? {} : { hosts }),
        signal: open.abort.signal,
      });
      open.reader = response.body?.getReader() ?? null;
      if (open.reader === null) this.#fetches?.delete(id);
      return packResponse(response) as unknown as Json;
    } catch (error) {
      this.#fetches?.delete(id);
      throw error;
    }
  }

  /** Null at the end. */
  async #pull(id: number): Promise<Json> {
    const reader = this.#fetches?.get(id)?.reader ?? null;
    if (reader === null) throw new Error('the body of this response has been given up');
    try {
      const { done, value } = await reader.read();
      if (!done) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
      this.#fetches?.delete(id);
      return null;
    } catch (error) {
      this.#fetches?.delete(id);
      throw error;
    }
  }
}

function unpackBody(body: WireBody): Body {
  return 'text' in body ? body.text : new Uint8Array(Buffer.from(body.bytes, 'base64'));
}

function packResponse(response: Response): WireResponse {
  const { status, statusText, headers, url, redirected, body } = response;
  return { status, statusText, headers: [...headers], url, redirected, hasBody: body !== null };
}
