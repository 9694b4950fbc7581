import { yieldIfBusy } from '../../../core/event-loop.js';
import type { Json } from '../../../core/json.js';
import { type JsonPiece, piecesOf } from '../../../core/large-json/json-pieces.js';
import { buildInTurns } from '../../../core/large-json/write-in-turns.js';
import { isLittle } from '../../../workflow/schema/plain-json.js';

/** A value in a message. A large one goes before it, in pieces: to write or read much at once takes long. */
export type WireValue = { readonly whole: Json } | { readonly slot: number };

/** Some of the pieces of the value that goes to a slot. */
export interface Pieces {
  readonly kind: 'pieces';
  readonly slot: number;
  readonly pieces: readonly JsonPiece[];
}

/** Of JSON, in one message. */
const MAX_LENGTH = 256 * 1024;

export class ValueSender {
  readonly #post: (message: Pieces) => void;
  #lastSlot = 0;

  constructor(post: (message: Pieces) => void) {
    this.#post = post;
  }

  /** What stands for the value in the message that is sent next. At once where there is little of it. The value must not change meanwhile. */
  pack(value: Json): WireValue | Promise<WireValue> {
    return isLittle(value) ? { whole: value } : this.#packInTurns(value);
  }

  async #packInTurns(value: Json): Promise<WireValue> {
    const slot = (this.#lastSlot += 1);
    let pieces: JsonPiece[] = [];
    let length = 0;
    for (const piece of piecesOf(value)) {
      pieces.push(piece);
      length += lengthOf(piece);
      if (length > MAX_LENGTH) {
        this.#post({ kind: 'pieces', slot, pieces });
        pieces = [];
        length = 0;
      }
      const turn = yieldIfBusy();
      if (turn !== null) await turn;
    }
    this.#post({ kind: 'pieces', slot, pieces });
    return { slot };
  }
}

export class ValueReceiver {
  readonly #pieces = new Map<number, JsonPiece[]>();

  take({ slot, pieces }: Pieces): void {
    const before = this.#pieces.get(slot);
    if (before === undefined) this.#pieces.set(slot, [...pieces]);
    else before.push(...pieces);
  }

  /** At once where there is little of it. */
  unpack(value: WireValue): Json | Promise<Json> {
    if ('whole' in value) return value.whole;
    const pieces = this.#pieces.get(value.slot) ?? [];
    this.#pieces.delete(value.slot);
    return buildInTurns(pieces);
  }
}

function lengthOf(piece: JsonPiece): number {
  if (piece.kind === 'text') return piece.text.length;
  return 'json' in piece ? piece.json.length : 1;
}
