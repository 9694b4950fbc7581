/** A place in a text of YAML. */
export interface Place {
  readonly lines: readonly string[];
  /** Of the line, from 0. */
  readonly place: number;
}

/** The keys that enclose the place, the outermost first. `before`: what stands in its line before it. */
export function keysAround(before: string, { lines, place }: Place): readonly string[] {
  const around = keysInLine(before);
  let column = columnOf(before);
  for (let index = place - 1; index >= 0 && column > 0; index -= 1) {
    const text = lines[index] ?? '';
    const [, dashes = '', key] = /^(\s*(?:- +)*)([\w$]+):(?:\s|$)/.exec(text) ?? [];
    if (key === undefined) continue;
    if (dashes.length < column) {
      around.unshift(key);
      column = dashes.length;
    }
    // What stands behind a dash belongs to the list, whose key is further left than the dash.
    const dash = dashes.indexOf('-');
    if (dash >= 0 && dash < column) column = dash;
  }
  return around;
}

/** Where the keys of its line begin, or what stands in the place of one. */
function columnOf(before: string): number {
  return (/^\s*(?:- +)*/.exec(before)?.[0] ?? '').length;
}

/** Those whose braces or brackets are open at the end of the text. */
function keysInLine(text: string): string[] {
  const open: string[] = [];
  let key = '';
  for (const [token] of text.matchAll(/'[^']*'|"[^"]*"|[\w$]+(?=:)|[[\]{}]/g)) {
    if (token === '{' || token === '[') {
      open.push(key);
      key = '';
    } else if (token === '}' || token === ']') {
      key = open.pop() ?? '';
    } else {
      key = token;
    }
  }
  return open.filter((name) => name !== '');
}
