import type { Json, JsonObject, JsonSchema } from '@core/json.js';
import type { Frame } from './frame.js';
import type { ToolResult } from './host.js';
import { Model } from './model.js';

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

export interface RunState {
  readonly run: RunView | null;
  /** Why what is shown may be out of date; null when it is not. */
  readonly stale: string | null;
}

const RUN_ID = /run_[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;
const PAUSE_MS = 2_000;

/** One run, asked for through the host until it has ended. */
export class RunModel extends Model<RunState> {
  constructor(frame: Frame, onChange: () => void) {
    super(frame, onChange, { run: null, stale: null });
  }

  async act(tool: 'cancel_run' | 'retry_run' | 'answer_run', args: JsonObject = {}): Promise<void> {
    await this.frame.callTool(tool, { run_id: this.state.run?.run_id ?? '', ...args });
    this.askNow();
  }

  askNow(): void {
    if (this.frame.mayCall && this.state.run !== null) this.asking.now();
  }

  /** A tool tells of a run, or its words do: a run that has ended is answered with its output alone. */
  takeResult({ structuredContent = {}, content = [] }: ToolResult): void {
    if (typeof structuredContent['run_id'] === 'string' && typeof structuredContent['status'] === 'string') {
      this.set({ run: { ...this.state.run, ...(structuredContent as unknown as RunView) }, stale: null });
    } else {
      const said = content.map((part) => part.text ?? '').join('\n');
      this.takeId(RUN_ID.exec(said)?.[0]);
    }
    this.askNow();
  }

  takeId(id: Json | undefined): void {
    if (typeof id !== 'string' || !RUN_ID.test(id) || this.state.run !== null) return;
    this.set({ run: { run_id: id, status: 'pending', terminal: false } });
    this.askNow();
  }

  protected async ask(): Promise<number | null> {
    const id = this.state.run?.run_id ?? '';
    const { structuredContent = {} } = await this.frame.callTool('get_run_status', { run_id: id, detail: 'agents' });
    const run = structuredContent as unknown as RunView;
    // What it asked before is no question any more.
    this.set({ run: { questions: [], ...run }, stale: null });
    return run.terminal === true ? null : (run.poll_after_ms ?? PAUSE_MS);
  }
}
