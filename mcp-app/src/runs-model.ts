import type { JsonObject } from '@core/json.js';
import type { Frame } from './frame.js';
import type { ToolResult } from './host.js';
import { Model } from './model.js';
import { RunModel } from './run-model.js';

/** A run as `list_runs` tells of it. */
export interface ListedRun {
  readonly run_id: string;
  readonly workflow_name: string;
  readonly status: string;
  readonly terminal: boolean;
  readonly summary: string | null;
  readonly error_message: string | null;
  readonly error_node: string | null;
  readonly output_error: string | null;
  readonly created_at: string;
  readonly duration_seconds: number | null;
}

export interface RunsState {
  /** Null before there is a list. */
  readonly runs: readonly ListedRun[] | null;
  readonly total: number | null;
  /** What older runs come after; null: there are none. */
  readonly next: string | null;
  readonly stale: string | null;
  /** The run that is shown in the place of the list. */
  readonly open: RunModel | null;
}

const PAUSE_MS = 4_000;

/** A page of runs, asked for again while any of them goes on. */
export class RunsModel extends Model<RunsState> {
  #args: JsonObject = {};

  constructor(frame: Frame, onChange: () => void) {
    super(frame, onChange, { runs: null, total: null, next: null, stale: null, open: null });
  }

  /** Whether the page is one of older runs. */
  get isOlder(): boolean {
    return this.#args['before'] !== undefined;
  }

  takeInput(args: JsonObject): void {
    this.#args = args;
  }

  takeResult({ structuredContent = {} }: ToolResult): void {
    if (!Array.isArray(structuredContent['runs'])) return;
    this.#take(structuredContent);
    this.askNow();
  }

  askNow(): void {
    if (!this.frame.mayCall || this.state.runs === null) return;
    if (this.state.open === null) this.asking.now();
    else this.state.open.askNow();
  }

  /** Another page; null: the newest. */
  turnTo(before: string | null): void {
    const { before: _, offset: __, ...others } = this.#args;
    this.#args = before === null ? others : { ...others, before };
    this.askNow();
  }

  open(runId: string): void {
    this.asking.stop();
    const open = new RunModel(this.frame, this.onChange);
    this.set({ open });
    open.takeId(runId);
  }

  close(): void {
    this.state.open?.end();
    this.set({ open: null });
    this.askNow();
  }

  override end(): void {
    super.end();
    this.state.open?.end();
  }

  protected async ask(): Promise<number | null> {
    const { structuredContent = {} } = await this.frame.callTool('list_runs', this.#args);
    this.#take(structuredContent);
    return this.state.open === null && this.state.runs?.some(({ terminal }) => !terminal) === true ? PAUSE_MS : null;
  }

  #take(page: JsonObject): void {
    const { runs = [], total, next_before: next } = page;
    this.set({
      runs: runs as unknown as readonly ListedRun[],
      total: typeof total === 'number' ? total : null,
      next: typeof next === 'string' ? next : null,
      stale: null,
    });
  }
}
