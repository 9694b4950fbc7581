import type { CliIo, Output } from './io.js';

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
} as const;

export type Colour = keyof typeof CODES;

/** Wraps a text in a colour, or gives it back as it is where colours are off. */
export type Style = (colour: Colour, text: string) => string;

export const plainStyle: Style = (_colour, text) => text;

export function createStyle(coloured: boolean): Style {
  if (!coloured) return plainStyle;
  return (colour, text) => {
    const [open, close] = CODES[colour];
    return text === '' ? '' : `\u001B[${open}m${text}\u001B[${close}m`;
  };
}

/**
 * `--no-color`, then FORCE_COLOR, then NO_COLOR, then whether the output is a terminal: the order that Node itself
 * keeps.
 */
export function wantsColour(params: {
  readonly output: Output;
  readonly env: CliIo['env'];
  readonly noColorFlag: boolean;
}): boolean {
  const { output, env, noColorFlag } = params;
  if (noColorFlag) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return output.isTTY === true && env['TERM'] !== 'dumb';
}
