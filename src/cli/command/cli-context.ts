import { DEFAULT_URL, ErrandClient } from '../../api/client/client.js';
import { readEnvironment, type RawSettings } from '../../app/config/environment.js';
import { errorMessage } from '../../core/errors.js';
import { isLiveTerminal } from '../terminal/io.js';
import type { CliIo } from '../terminal/io.js';
import { renderRunView } from '../view/run-view.js';
import type { ApiRun } from '../../api/api-types.js';
import { relativeTime } from '../terminal/human-time.js';
import { createStyle, wantsColour } from '../terminal/style.js';
import type { Style } from '../terminal/style.js';
import { type Column, renderTable } from '../terminal/table.js';
import { UsageError } from '../terminal/usage-error.js';

/** The options that every command has. */
export interface GlobalOptions {
  readonly url?: string;
  readonly apiKey?: string;
  readonly json?: boolean;
  /** False with `--no-color`. */
  readonly color?: boolean;
}

/** What a command is given besides its own arguments. */
export class CliContext {
  readonly io: CliIo;
  readonly json: boolean;
  /** Standard output is a terminal on which a view can be redrawn in place. */
  readonly live: boolean;
  /** The columns of the terminal; null in a pipe, where lines may be as long as they like. */
  readonly width: number | null;
  readonly style: Style;
  readonly #options: GlobalOptions;
  #env: RawSettings | null = null;

  constructor(io: CliIo, options: GlobalOptions) {
    this.io = io;
    this.#options = options;
    this.json = options.json === true;
    this.live = isLiveTerminal(io.stdout, io.env);
    this.width = io.stdout.isTTY === true ? Math.max(20, io.stdout.columns ?? 80) : null;
    const noColorFlag = options.color === false;
    this.style = createStyle(wantsColour({ output: io.stdout, env: io.env, noColorFlag }));
  }

  /** The environment, with the values of files that it names. */
  get env(): RawSettings {
    try {
      this.#env ??= readEnvironment(this.io.env);
      return this.#env;
    } catch (error) {
      throw new UsageError(errorMessage(error));
    }
  }

  client(): ErrandClient {
    return new ErrandClient(this.server());
  }

  /** The server that `--url` or ERRAND_URL names, with the key for it. */
  server(): { readonly url: string; readonly apiKey: string | null } {
    const url = this.#options.url ?? this.env['ERRAND_URL'] ?? DEFAULT_URL;
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new UsageError(
        `'${url}' is not the address of a server. Give one like ${DEFAULT_URL} (--url or ERRAND_URL).`,
      );
    }
    const apiKey = this.#options.apiKey ?? this.env['ERRAND_API_KEY'] ?? null;
    if (apiKey !== null && !/^[\u0021-\u007E]+$/.test(apiKey)) {
      throw new UsageError('The API key has characters in it that no key has. Check ERRAND_API_KEY (or --api-key).');
    }
    return { url, apiKey };
  }

  /** Where `server()` takes its address from; null when nobody has said any. */
  get serverNamedBy(): 'flag' | 'environment' | null {
    if (this.#options.url !== undefined) return 'flag';
    return this.env['ERRAND_URL'] === undefined ? null : 'environment';
  }

  print(line: string): void {
    this.io.stdout.write(`${line}\n`);
  }

  printLines(lines: readonly string[]): void {
    if (lines.length > 0) this.print(lines.join('\n'));
  }

  printJson(value: object): void {
    this.print(JSON.stringify(value, null, 2));
  }

  /** Lines of a table that fits in the terminal. */
  table<Row>(params: { readonly columns: readonly Column<Row>[]; readonly rows: readonly Row[] }): string[] {
    return renderTable<Row>({ ...params, width: this.width, style: this.style });
  }

  /** What the server has listed: the answer itself with `--json`, else a table, or `none` where there is nothing. */
  printList<Row>(
    answer: object,
    list: { readonly columns: readonly Column<Row>[]; readonly rows: readonly Row[]; readonly none?: string },
  ): void {
    if (this.json) this.printJson(answer);
    else if (list.rows.length === 0 && list.none !== undefined) this.note(list.none);
    else this.printLines(this.table<Row>(list));
  }

  /** A word to the person at the terminal, apart from the answer. With `--json` there is none. */
  note(text: string): void {
    if (!this.json) this.io.stderr.write(`${text}\n`);
  }

  /** `3 min ago` on a terminal; in a pipe the time itself, which a program can read. `-` for none. */
  time(at: string | null): string {
    if (at === null) return '-';
    return this.width === null ? at : relativeTime(at, this.io.now());
  }

  runView(run: ApiRun): string[] {
    const width = this.width === null ? 160 : this.width - 1;
    return renderRunView({
      run,
      now: this.io.now(),
      width,
      height: null,
      frame: null,
      notice: null,
      style: this.style,
    });
  }
}
