/** Measures and cuts text by the columns that it takes on a terminal. */

/** It takes 20 ms to make, and plain texts do without. */
let segmenter: Intl.Segmenter | null = null;

function toGraphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

// Unicode's East Asian Width classes W and F, as ranges (UAX #11); emoji are told by their own property below.
const WIDE_RANGES: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18aff],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];

// oxlint-disable-next-line no-control-regex
const STYLE_SEQUENCE = /\u001B\[[0-9;]*m/g;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F/u;
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;
const PRINTABLE_ASCII = /^[ -~]*$/;

/** The columns that a text takes; colour sequences take none. */
export function textWidth(text: string): number {
  const bare = text.replace(STYLE_SEQUENCE, '');
  if (PRINTABLE_ASCII.test(bare)) return bare.length;
  let width = 0;
  for (const { segment } of toGraphemes(bare)) width += graphemeWidth(segment);
  return width;
}

/** Cuts an unstyled text to a width; a cut one ends in `…`. */
export function truncate(text: string, width: number): string {
  if (width <= 0) return '';
  if (textWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of toGraphemes(text)) {
    const next = graphemeWidth(segment);
    if (used + next > width - 1) break;
    cut += segment;
    used += next;
  }
  return `${cut.trimEnd()}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text))) + text;
}

/** Breaks a text into lines at spaces; words that are too long stay whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines;
}

/**
 * Makes a text from outside safe for a terminal and fit for one line: what could move the cursor, change colours or
 * turn the direction of writing becomes a space, and runs of spaces become one.
 */
export function oneLine(text: string): string {
  return safeText(text).replaceAll(/\s+/g, ' ').trim();
}

/** The same, keeping line breaks. */
export function safeText(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g, ' ');
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  if (EMOJI.test(grapheme)) return 2;
  const code = grapheme.codePointAt(0) ?? 0;
  return WIDE_RANGES.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}
