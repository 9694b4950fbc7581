import type { Json, JsonSchema } from '@core/json.js';
import type { Frame } from './frame.js';
import type { ToolResult } from './host.js';
import { RunModel } from './run-model.js';

/** A workflow as `get_workflow` tells of it. */
export interface WorkflowView {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly credit_cost: number;
  readonly estimated_duration?: string | null;
  readonly ready?: boolean;
  readonly not_ready_because?: string | null;
  readonly input_schema: JsonSchema;
}

export interface WorkflowState {
  readonly workflow: WorkflowView | null;
  /** The run that was started here. */
  readonly run: RunModel | null;
}

/** A workflow that can be started, and then the run. */
export class WorkflowModel {
  readonly #frame: Frame;
  readonly #onChange: () => void;
  #state: WorkflowState = { workflow: null, run: null };
  /** However often the button is pressed, one form starts one run. */
  #idempotencyKey = newKey();

  constructor(frame: Frame, onChange: () => void) {
    this.#frame = frame;
    this.#onChange = onChange;
  }

  get state(): WorkflowState {
    return this.#state;
  }

  takeResult({ structuredContent = {} }: ToolResult): void {
    if (structuredContent['input_schema'] === undefined) return;
    this.#set({ workflow: structuredContent as unknown as WorkflowView });
  }

  async start(input: Json): Promise<void> {
    const { workflow } = this.#state;
    const asked = { workflow_id: workflow?.id ?? '', input, idempotency_key: this.#idempotencyKey };
    const result = await this.#frame.callTool('run_workflow', asked);
    const run = new RunModel(this.#frame, this.#onChange);
    this.#set({ run });
    run.takeResult(result);
  }

  /** Back to the form, for another run. */
  again(): void {
    this.#state.run?.end();
    this.#idempotencyKey = newKey();
    this.#set({ run: null });
  }

  askNow(): void {
    this.#state.run?.askNow();
  }

  end(): void {
    this.#state.run?.end();
  }

  #set(change: Partial<WorkflowState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange();
  }
}

/** Frames without an origin have no `randomUUID`. */
function newKey(): string {
  return `app-${[...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('-')}`;
}
