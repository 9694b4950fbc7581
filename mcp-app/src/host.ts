import { isJsonObject, type Json, type JsonObject } from '@core/json.js';

/** The revision of MCP Apps that this view speaks. */
const REVISION = '2026-01-26';
const ANSWER_MS = 60_000;

export interface HostContext {
  readonly theme?: 'light' | 'dark';
  readonly displayMode?: string;
  readonly availableDisplayModes?: readonly string[];
  /** BCP 47, and IANA: as the person has chosen in the host. */
  readonly locale?: string;
  readonly timeZone?: string;
  readonly styles?: { readonly variables?: { readonly [name: string]: string | undefined } };
}

export interface ToolResult {
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: JsonObject;
  readonly isError?: boolean;
}

export interface HostListener {
  /** What the tool that the view was shown for was called with. */
  onInput(args: JsonObject): void;
  onResult(result: ToolResult): void;
  onContext(context: HostContext): void;
  /** The host is about to take the view away. */
  onTeardown(): void;
}

interface Waiting {
  resolve(result: Json): void;
  reject(error: Error): void;
}

/** The host that shows this view: JSON-RPC with the window around it, and with nobody else. */
export class Host {
  /** Whether the view may call the server's tools. */
  mayCall = false;
  readonly #name: string;
  readonly #listener: HostListener;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(name: string, listener: HostListener) {
    this.#name = name;
    this.#listener = listener;
  }

  async connect(): Promise<void> {
    addEventListener('message', this.#onMessage);
    const result = (await this.request('ui/initialize', {
      protocolVersion: REVISION,
      appInfo: { name: this.#name, version: '1' },
      appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
    })) as { readonly hostCapabilities?: JsonObject; readonly hostContext?: HostContext };
    this.mayCall = result.hostCapabilities?.['serverTools'] !== undefined;
    this.#listener.onContext(result.hostContext ?? {});
    this.notify('ui/notifications/initialized', {});
  }

  /** Rejects with what the host or the server says against it. */
  async callTool(name: string, args: JsonObject): Promise<ToolResult> {
    const result = (await this.request('tools/call', { name, arguments: args })) as ToolResult;
    if (result.isError === true) throw new Error(result.content?.find(({ text }) => text !== undefined)?.text ?? name);
    return result;
  }

  request(method: string, params: JsonObject): Promise<Json> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id)?.reject(new Error('no answer')), ANSWER_MS);
      this.#waiting.set(id, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#send({ id, method, params });
    });
  }

  notify(method: string, params: JsonObject): void {
    this.#send({ method, params });
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  /** To whatever host there is: the view cannot know whose page is around it, and says nothing secret. */
  #send(message: JsonObject): void {
    parent.postMessage({ jsonrpc: '2.0', ...message }, '*');
  }

  #onMessage = ({ source, data }: MessageEvent<unknown>): void => {
    if (source !== parent || typeof data !== 'object' || data === null) return;
    const message = data as JsonObject;
    const { id, method, params, result, error } = message;
    if (typeof method === 'string') return this.#onCall(method, (params ?? {}) as JsonObject, id);
    if (typeof id !== 'number') return;
    const waiting = this.#settle(id);
    if (error === undefined) waiting?.resolve(result ?? null);
    else waiting?.reject(new Error(readMessage(error)));
  };

  #onCall(method: string, params: JsonObject, id: Json | undefined): void {
    switch (method) {
      case 'ui/notifications/tool-input':
        this.#listener.onInput((params['arguments'] ?? {}) as JsonObject);
        break;
      case 'ui/notifications/tool-result':
        this.#listener.onResult(params);
        break;
      case 'ui/notifications/host-context-changed':
        this.#listener.onContext(params);
        break;
      case 'ui/resource-teardown':
        this.#listener.onTeardown();
        break;
      default:
    }
    if (id === undefined) return;
    if (method === 'ui/resource-teardown' || method === 'ping') this.#send({ id, result: {} });
    else this.#send({ id, error: { code: -32_601, message: `There is no ${method}.` } });
  }
}

function readMessage(error: Json): string {
  const message = isJsonObject(error) ? error['message'] : null;
  return typeof message === 'string' ? message : 'refused';
}
