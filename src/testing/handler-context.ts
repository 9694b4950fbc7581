import type { HandlerContext } from '../core/node-kind.js';

export interface RecordingContext<Input> extends HandlerContext<Input> {
  readonly percents: number[];
  readonly messages: string[];
  readonly said: string[];
}

/** What the runner gives a handler, with what the handler reports written down. */
export function makeHandlerContext<Input>(params: {
  readonly input: Input;
  readonly role?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (percent: number, message: string | undefined) => void;
}): RecordingContext<Input> {
  const percents: number[] = [];
  const messages: string[] = [];
  const said: string[] = [];
  const role = params.role ?? null;
  const ignore = (): void => undefined;
  return {
    input: params.input,
    signal: params.signal ?? new AbortController().signal,
    progress: (percent, message) => {
      percents.push(percent);
      if (message !== undefined) messages.push(message);
      params.onProgress?.(percent, message);
    },
    findings: (text) => said.push(text),
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    idempotencyKey: 'test',
    attempt: 1,
    instruction: null,
    node: { id: role ?? 'node', role, label: role },
    run: { id: 'test', workflowId: 'test', workflowVersion: 1, createdAt: '2026-01-01T00:00:00.000Z' },
    organization: { id: 'test', name: 'Test' },
    percents,
    messages,
    said,
  };
}
