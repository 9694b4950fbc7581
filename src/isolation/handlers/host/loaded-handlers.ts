import type { Handler } from '../../../core/handlers/node-kind.js';
import { importHandler } from '../../../workflow/module-exports.js';
import type { ToWorker } from '../wire/messages.js';
import { runInScope, type CallScope } from './vital-signs.js';

type CallMessage = Extract<ToWorker, { kind: 'call' }>;
type HandlerPlace = Pick<CallMessage, 'file' | 'export' | 'nodeId'>;

interface Waiting {
  readonly call: number;
  readonly go: () => void;
}

/**
 * The handlers that this worker has loaded, and the calls that wait for a module that is being loaded by another call.
 * Those are not begun: were they, all of them would compute here one after the other, while other workers have nothing
 * to do.
 */
export class LoadedHandlers {
  readonly #handlers = new Map<string, Handler>();
  /** By module. */
  readonly #waiting = new Map<string, Waiting[]>();

  /** What may take time is done in the name of the call. */
  load(place: HandlerPlace, scope: CallScope): Handler | Promise<Handler> {
    const key = keyOf(place);
    return this.#handlers.get(key) ?? this.#import(key, place, scope);
  }

  /** Whether another call is loading the module; then `go` is called when it has, or has failed to. */
  await(message: CallMessage, go: () => void): boolean {
    if (this.#handlers.has(keyOf(message))) return false;
    const waiting = this.#waiting.get(message.file);
    waiting?.push({ call: message.call, go });
    return waiting !== undefined;
  }

  /** Whether the call was waiting. It does no more. */
  drop(call: number): boolean {
    for (const waiting of this.#waiting.values()) {
      const place = waiting.findIndex((one) => one.call === call);
      if (place !== -1) return waiting.splice(place, 1).length > 0;
    }
    return false;
  }

  /** Those that wait and came after this one have been given to others. */
  dropAfter(call: number): void {
    for (const [file, waiting] of this.#waiting) {
      this.#waiting.set(
        file,
        waiting.filter((one) => one.call <= call),
      );
    }
  }

  async #import(key: string, { file, export: name, nodeId }: HandlerPlace, scope: CallScope): Promise<Handler> {
    this.#waiting.set(file, []);
    try {
      const ref = nodeId === null ? { export: name } : { export: name, nodeId };
      const handler = await runInScope(scope, () => importHandler(file, ref));
      this.#handlers.set(key, handler);
      return handler;
    } finally {
      // When the call that has loaded it has begun to compute.
      setImmediate(() => this.#goOn(file));
    }
  }

  #goOn(file: string): void {
    const waiting = this.#waiting.get(file) ?? [];
    this.#waiting.delete(file);
    for (const { go } of waiting) go();
  }
}

function keyOf({ file, export: name, nodeId }: HandlerPlace): string {
  return `${file}\n${name}\n${nodeId ?? ''}`;
}
