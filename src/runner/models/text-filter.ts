import { redactText } from '../../core/text/redact.js';

/** More of a text: it belongs at `offset`. */
export interface TextPiece {
  readonly offset: number;
  readonly text: string;
}

/** What others see of a text that is being written. */
export interface TextFilter {
  /** All that they have seen. */
  readonly shown: string;
  /** More of the text itself; an offset of 0 starts it again. Null: nothing to show yet. */
  take(delta: string, offset: number): TextPiece | null;
  /** What is left to show of the text, now that it is whole. */
  rest(): TextPiece | null;
}

export class PassedText implements TextFilter {
  shown = '';

  take(delta: string, offset: number): TextPiece {
    this.shown = this.shown.slice(0, offset) + delta;
    return { offset, text: delta };
  }

  rest(): null {
    return null;
  }
}

/** Shows whole sentences and lines only: what is to be masked may come in pieces. */
export class RedactedText implements TextFilter {
  shown = '';
  /** What has come in and was not shown. */
  #held = '';
  #length = 0;

  take(delta: string, offset: number): TextPiece | null {
    if (offset < this.#length) {
      this.shown = '';
      this.#held = '';
      this.#length = 0;
    }
    this.#held += delta;
    this.#length += delta.length;
    return this.#show(endOfSentences(this.#held));
  }

  rest(): TextPiece | null {
    return this.#show(this.#held.length);
  }

  #show(end: number): TextPiece | null {
    if (end === 0) return null;
    const piece = { offset: this.shown.length, text: redactText(this.#held.slice(0, end)) };
    this.shown += piece.text;
    this.#held = this.#held.slice(end);
    return piece;
  }
}

/** Nothing that is masked has a line break in it, or the end of a sentence and a blank. */
function endOfSentences(text: string): number {
  const line = text.lastIndexOf('\n') + 1;
  const sentence = [...text.slice(line).matchAll(/[.!?]\s/g)].at(-1);
  return sentence === undefined ? line : line + sentence.index + 2;
}
