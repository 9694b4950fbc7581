import type { ApiRun } from '../../api/api-types.js';
import type { Output } from '../terminal/io.js';
import { renderRunView } from './run-view.js';
import type { Style } from '../terminal/style.js';
import { textWidth } from '../terminal/text-width.js';

/** Ten pictures a second: smooth to the eye, and cheap on a slow connection. */
const FRAME_MS = 100;
const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const CLEAR_BELOW = '\u001B[J';

/** Draws a run in place on a terminal until it is stopped. The cursor is hidden from `start` to `stop`. */
export class LiveView {
  readonly #output: Output;
  readonly #style: Style;
  readonly #now: () => number;
  #run: ApiRun;
  #notice: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #frame = 0;
  #drawn: readonly string[] = [];

  constructor(params: {
    readonly output: Output;
    readonly style: Style;
    readonly now: () => number;
    readonly run: ApiRun;
  }) {
    this.#output = params.output;
    this.#style = params.style;
    this.#now = params.now;
    this.#run = params.run;
  }

  start(): void {
    this.#output.write(HIDE_CURSOR);
    this.#draw({ live: true });
    this.#timer = setInterval(() => {
      this.#frame += 1;
      this.#draw({ live: true });
    }, FRAME_MS);
  }

  update(run: ApiRun): void {
    this.#run = run;
  }

  setNotice(notice: string | null): void {
    this.#notice = notice;
  }

  /** Leaves a last still picture behind and gives the cursor back. Stopping twice does nothing more. */
  stop(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#draw({ live: false });
    this.#output.write(SHOW_CURSOR);
  }

  #draw(params: { readonly live: boolean }): void {
    const columns = Math.max(20, this.#output.columns ?? 80);
    const rows = this.#output.rows ?? 24;
    const lines = renderRunView({
      run: this.#run,
      now: this.#now(),
      // The last column stays free: a terminal that has written into it may already stand on the next line.
      width: columns - 1,
      height: params.live ? Math.max(4, rows - 1) : null,
      frame: params.live ? this.#frame : null,
      notice: params.live ? this.#notice : null,
      style: this.#style,
    });
    // A terminal made narrower since has wrapped the lines of the picture before.
    const height = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
    const up = height === 0 ? '' : `\u001B[${Math.min(height, rows - 1)}A`;
    this.#output.write(`\r${up}${CLEAR_BELOW}${lines.join('\n')}\n`);
    this.#drawn = lines;
  }
}
