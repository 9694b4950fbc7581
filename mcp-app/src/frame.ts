import { isJsonObject, type JsonObject } from '@core/json.js';
import { Host, type HostContext, type ToolResult } from './host.js';

/** What a view does with what the host tells it. */
export interface Shown {
  /** What the tool that the view is shown for was called with. */
  onInput(args: JsonObject): void;
  onResult(result: ToolResult): void;
  /** The host can be asked from now on, where it lets itself be asked. */
  onReady(): void;
  /** The view is about to be taken away: nothing is asked any more. */
  onEnd(): void;
}

/** The place that the host shows a view in: how it looks there, and what may be asked. */
export class Frame {
  readonly #host: Host;
  readonly #onChange: () => void;
  #context: HostContext = {};

  constructor(name: string, { shown, onChange }: { readonly shown: Shown; readonly onChange: () => void }) {
    this.#onChange = onChange;
    this.#host = new Host(name, {
      onInput: (args) => shown.onInput(args),
      onResult: (result) => shown.onResult(result),
      onContext: (context) => this.#take(context),
      onTeardown: () => shown.onEnd(),
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) shown.onReady();
    });
  }

  get context(): HostContext {
    return this.#context;
  }

  /** Whether the view may call the server's tools. */
  get mayCall(): boolean {
    return this.#host.mayCall;
  }

  connect(): Promise<void> {
    return this.#host.connect();
  }

  /** Rejects with what the host or the server says against it. */
  callTool(name: string, args: JsonObject): Promise<ToolResult> {
    return this.#host.callTool(name, args);
  }

  async setMode(mode: 'inline' | 'fullscreen'): Promise<void> {
    const result = await this.#host.request('ui/request-display-mode', { mode });
    const taken = isJsonObject(result) ? result['mode'] : null;
    if (typeof taken === 'string') this.#take({ displayMode: taken });
  }

  tellSize(width: number, height: number): void {
    this.#host.notify('ui/notifications/size-changed', { width, height });
  }

  #take(context: HostContext): void {
    this.#context = { ...this.#context, ...context };
    this.#onChange();
  }
}
