import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '@core/json.js';
import type { HostContext, ToolResult } from './host.js';
import { Host } from './host.js';
import { text } from './text.js';

/** As `get_run_status` tells it with the detail `agents`. */
export interface RunView {
  readonly run_id: string;
  readonly workflow_name?: string;
  readonly status: string;
  readonly terminal?: boolean;
  readonly version?: number;
  readonly progress?: number;
  readonly status_message?: string;
  readonly summary?: string | null;
  readonly error_message?: string | null;
  readonly output_error?: string | null;
  readonly error_node?: string | null;
  readonly credits_reserved?: number;
  readonly credits_consumed?: number;
  readonly usage?: { readonly cost_usd: number } | null;
  readonly poll_after_ms?: number;
  readonly questions?: readonly AskedQuestion[];
  readonly agents?: readonly AgentView[];
  readonly agents_left_out?: number;
}

export interface AskedQuestion {
  readonly node_id: string;
  readonly message: string;
  readonly schema: JsonSchema;
}

export interface AgentView {
  readonly id: string;
  readonly label: string | null;
  readonly status: string;
  readonly progress: number;
  readonly message: string | null;
  readonly findings: string | null;
  readonly error_message: string | null;
}

export interface View {
  readonly run: RunView | null;
  readonly context: HostContext;
  /** Why what is shown may be out of date; null when it is not. */
  readonly stale: string | null;
  readonly mayCall: boolean;
}

const RUN_ID = /run_[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;
const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 60_000;

/** One run, asked for through the host until it has ended. */
export class RunModel {
  readonly #host: Host;
  readonly #onChange: (view: View) => void;
  #view: View = { run: null, context: {}, stale: null, mayCall: false };
  #timer: ReturnType<typeof setTimeout> | null = null;
  #failures = 0;
  #isOver = false;

  constructor(onChange: (view: View) => void) {
    this.#onChange = onChange;
    this.#host = new Host({
      onInput: (args) => this.#takeId(args['run_id']),
      onResult: (result) => this.#takeResult(result),
      onContext: (context) => this.#set({ context: { ...this.#view.context, ...context } }),
      onTeardown: () => this.#end(),
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.#timer === null) this.#askSoon(0);
    });
  }

  async connect(): Promise<void> {
    await this.#host.connect();
    this.#set({ mayCall: this.#host.mayCall });
    this.#askSoon(0);
  }

  async act(tool: 'cancel_run' | 'retry_run' | 'answer_run', args: JsonObject = {}): Promise<void> {
    await this.#host.callTool(tool, { run_id: this.#view.run?.run_id ?? '', ...args });
    this.askNow();
  }

  askNow(): void {
    this.#failures = 0;
    this.#askSoon(0);
  }

  async setMode(mode: 'inline' | 'fullscreen'): Promise<void> {
    const result = await this.#host.request('ui/request-display-mode', { mode });
    const taken = isJsonObject(result) ? result['mode'] : null;
    if (typeof taken === 'string') this.#set({ context: { ...this.#view.context, displayMode: taken } });
  }

  tellSize(width: number, height: number): void {
    this.#host.notify('ui/notifications/size-changed', { width, height });
  }

  /** The tool tells of a run, or its words do: a run that has ended is answered with its output alone. */
  #takeResult({ structuredContent = {}, content = [] }: ToolResult): void {
    if (typeof structuredContent['run_id'] === 'string' && typeof structuredContent['status'] === 'string') {
      this.#take(structuredContent as unknown as RunView);
    } else {
      const said = content.map((part) => part.text ?? '').join('\n');
      this.#takeId(RUN_ID.exec(said)?.[0]);
    }
    this.#askSoon(0);
  }

  #takeId(id: Json | undefined): void {
    if (typeof id !== 'string' || !RUN_ID.test(id) || this.#view.run !== null) return;
    this.#set({ run: { run_id: id, status: 'pending', terminal: false } });
    this.#askSoon(0);
  }

  #take(run: RunView): void {
    this.#set({ run: { ...this.#view.run, ...run }, stale: null });
  }

  #askSoon(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { run, mayCall } = this.#view;
    if (this.#isOver || run === null || !mayCall || document.hidden) return;
    this.#timer = setTimeout(() => void this.#ask(run.run_id), ms);
  }

  async #ask(runId: string): Promise<void> {
    this.#timer = null;
    try {
      const answer = await this.#host.callTool('get_run_status', { run_id: runId, detail: 'agents' });
      this.#failures = 0;
      const run = answer as unknown as RunView;
      // What it asked before is no question any more.
      this.#set({ run: { questions: [], ...run }, stale: null });
      if (run.terminal !== true) this.#askSoon(Math.max(MIN_PAUSE_MS, run.poll_after_ms ?? MIN_PAUSE_MS));
    } catch (error) {
      this.#failures += 1;
      const why = error instanceof Error ? error.message : text.noAnswer;
      this.#set({ stale: why });
      this.#askSoon(Math.min(MAX_PAUSE_MS, 1_000 * 2 ** this.#failures));
    }
  }

  #end(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #set(change: Partial<View>): void {
    this.#view = { ...this.#view, ...change };
    this.#onChange(this.#view);
  }
}
