/** A template string in pieces, in order. `at` is where an expression's text starts in the string. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly source: string; readonly at: number };

export type ScannedTemplate =
  | { readonly status: 'ok'; readonly parts: readonly TemplatePart[] }
  | { readonly status: 'unclosed'; readonly at: number };

/**
 * Splits a string at its `{{ … }}`. Braces inside quotes, comments, regular expressions and objects do not end an
 * expression.
 */
export function scanTemplate(text: string): ScannedTemplate {
  const parts: TemplatePart[] = [];
  let position = 0;
  for (;;) {
    const open = text.indexOf('{{', position);
    if (open === -1) break;
    const close = findEnd(text, open + 2);
    if (close === -1) return { status: 'unclosed', at: open };
    if (open > position) parts.push({ kind: 'text', text: text.slice(position, open) });
    parts.push({ kind: 'expression', source: text.slice(open + 2, close), at: open + 2 });
    position = close + 2;
  }
  if (position < text.length || parts.length === 0) parts.push({ kind: 'text', text: text.slice(position) });
  return { status: 'ok', parts };
}

/** Where the `}}` is that ends the expression starting at `start`; -1 when there is none. */
function findEnd(text: string, start: number): number {
  const end = findEndWith(text, start, true);
  return end === -1 ? findEndWith(text, start, false) : end;
}

function findEndWith(text: string, start: number, regexes: boolean): number {
  let depth = 0;
  let position = start;
  // What stands before decides whether a `/` divides or opens a regular expression.
  let before = '';
  while (position < text.length) {
    const char = text.charAt(position);
    if (char === '"' || char === "'" || char === '`') {
      position = skipQuoted(text, position);
    } else if (char === '/' && text[position + 1] === '*') {
      const end = text.indexOf('*/', position + 2);
      if (end === -1) return -1;
      position = end + 2;
      continue;
    } else if (char === '/' && regexes && opensRegex(before)) {
      position = skipRegex(text, position);
    } else if (char === '}' && depth === 0 && text[position + 1] === '}') {
      return position;
    } else {
      if (char === '{') depth++;
      if (char === '}') depth = Math.max(0, depth - 1);
      position++;
    }
    if (!/\s/.test(char)) before = /\w/.test(char) && /\w$/.test(before) ? before + char : char;
  }
  return -1;
}

/** The position after the quoted piece that opens at `start`; the end of the text when it is never closed. */
function skipQuoted(text: string, start: number): number {
  const quote = text[start];
  for (let position = start + 1; position < text.length; position++) {
    if (quote !== '`' && text[position] === '\\') position++;
    else if (text[position] === quote) return position + 1;
  }
  return text.length;
}

/** As JSONata reads them: a `/` within brackets does not close. */
function skipRegex(text: string, start: number): number {
  let depth = 0;
  for (let position = start + 1; position < text.length; position++) {
    const char = text.charAt(position);
    if (char === '\\') position++;
    else if (char === '/' && depth === 0) return position + 1;
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
  }
  return text.length;
}

function opensRegex(before: string): boolean {
  return before === '' || '([{,:;=<>!&|?+-*%~^'.includes(before) || /^(and|or|in)$/.test(before);
}
