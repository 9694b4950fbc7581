/** A regular expression of ECMAScript in the syntax of RE2. */
export interface Translated {
  readonly pattern: string;
  /**
   * Whether a match has the same bounds and groups in both languages. Where an iteration of a loop may match nothing,
   * or leave a group out, they differ in what the loop took; whether there is a match is the same.
   */
  readonly sameMatches: boolean;
  /** About how many instructions its program has: what the time for a character of text grows with. */
  readonly size: number;
}

/** RE2's own bound for counted repetitions. */
const MAX_REPEAT = 1_000;
const MAX_SIZE = 20_000;
const MAX_DEPTH = 200;

const DIGIT = '0-9';
const WORD = '0-9A-Za-z_';
const SPACE = String.raw`\t\n\x0b\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const NOT_SPACE = String.raw`\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;
const NOT_DIGIT = String.raw`\x{0}-/:-\x{10ffff}`;
const NOT_WORD = String.raw`\x{0}-/:-@\[-\^\x{60}\x{7b}-\x{10ffff}`;
const ANY = String.raw`[\x{0}-\x{10ffff}]`;
const NOTHING = String.raw`[^\x{0}-\x{10ffff}]`;
const NOT_LINE_END = String.raw`[^\n\r\x{2028}\x{2029}]`;

const CLASSES: { readonly [letter: string]: string } = {
  d: DIGIT,
  D: NOT_DIGIT,
  w: WORD,
  W: NOT_WORD,
  s: SPACE,
  S: NOT_SPACE,
};
const CONTROLS: { readonly [letter: string]: number } = { t: 9, n: 10, v: 11, f: 12, r: 13 };

/** Thrown inside for what RE2 cannot express: lookaround, references back to groups, and the like. */
class Inexpressible extends Error {}

/**
 * Translates a valid regular expression of ECMAScript; null for what RE2 cannot express. `.`, classes and `\s` mean
 * what they mean in ECMAScript, and a character is a code point also without the flag `u`. The flags `g`, `y` and `d`
 * have no say in it. Without `u`, `i` takes two letters more as the same: the long s and the sign of Kelvin.
 */
export function translateRegex(source: string, flags: string): Translated | null {
  try {
    return new Translator(source, flags).translate();
  } catch (thrown) {
    if (thrown instanceof Inexpressible) return null;
    throw thrown;
  }
}

/** What is known of a translated part. */
interface Part {
  readonly text: string;
  /** Whether it may match the empty text. */
  readonly nullable: boolean;
  readonly groups: number;
  /** Whether a group in it may take no part in a match of it. */
  readonly optionalGroups: boolean;
  readonly size: number;
}

const EMPTY: Part = { text: '', nullable: true, groups: 0, optionalGroups: false, size: 0 };

class Translator {
  readonly #source: string;
  readonly #unicode: boolean;
  readonly #multiline: boolean;
  readonly #dotAll: boolean;
  readonly #ignoreCase: boolean;
  #at = 0;
  #depth = 0;
  #sameMatches = true;

  constructor(source: string, flags: string) {
    if (flags.includes('v')) throw new Inexpressible();
    this.#source = source;
    this.#unicode = flags.includes('u');
    this.#multiline = flags.includes('m');
    this.#dotAll = flags.includes('s');
    this.#ignoreCase = flags.includes('i');
  }

  translate(): Translated {
    const { text, size } = this.#disjunction();
    if (this.#at < this.#source.length) throw new Inexpressible();
    return { pattern: this.#ignoreCase ? `(?i)${text}` : text, sameMatches: this.#sameMatches, size };
  }

  #peek(length = 1): string {
    return this.#source.slice(this.#at, this.#at + length);
  }

  #eat(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #disjunction(): Part {
    if (++this.#depth > MAX_DEPTH) throw new Inexpressible();
    const branches = [this.#alternative()];
    while (this.#eat('|')) branches.push(this.#alternative());
    this.#depth -= 1;
    const [only] = branches;
    if (only !== undefined && branches.length === 1) return only;
    const groups = sum(branches.map((branch) => branch.groups));
    return {
      text: branches.map(({ text }) => text).join('|'),
      nullable: branches.some(({ nullable }) => nullable),
      groups,
      optionalGroups: groups > 0,
      size: sum(branches.map(({ size }) => size)) + branches.length,
    };
  }

  #alternative(): Part {
    const terms: Part[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#peek())) terms.push(this.#term());
    return {
      text: terms.map(({ text }) => text).join(''),
      nullable: terms.every(({ nullable }) => nullable),
      groups: sum(terms.map(({ groups }) => groups)),
      optionalGroups: terms.some(({ optionalGroups }) => optionalGroups),
      size: sum(terms.map(({ size }) => size)),
    };
  }

  #term(): Part {
    const assertion = this.#assertion();
    return assertion === null ? this.#quantified(this.#atom()) : { ...EMPTY, text: assertion, size: 1 };
  }

  #assertion(): string | null {
    if (this.#eat('^')) return this.#lineBound(String.raw`\A`);
    if (this.#eat('$')) return this.#lineBound(String.raw`\z`);
    if (this.#eat(String.raw`\b`)) return this.#wordBound(String.raw`\b`);
    if (this.#eat(String.raw`\B`)) return this.#wordBound(String.raw`\B`);
    return null;
  }

  /** With the flag `m`, ECMAScript knows more ends of lines than RE2 does. */
  #lineBound(text: string): string {
    if (this.#multiline) throw new Inexpressible();
    return text;
  }

  /** With `i` and `u`, two letters beyond ASCII are of words in ECMAScript. */
  #wordBound(text: string): string {
    if (this.#ignoreCase && this.#unicode) throw new Inexpressible();
    return text;
  }

  #atom(): Part {
    if (this.#eat('(')) return this.#group();
    if (this.#eat('.')) return character(this.#dotAll ? ANY : NOT_LINE_END);
    if (this.#eat('[')) return character(this.#class());
    if (this.#eat('\\')) return character(this.#escape());
    if ('*+?'.includes(this.#peek())) throw new Inexpressible();
    return character(literal(this.#codePoint()));
  }

  #group(): Part {
    let captures = true;
    if (this.#eat('?:')) captures = false;
    else if (this.#eat('?')) {
      // `(?<name>…)`; anything else is lookaround, or newer than what is known here.
      const name = /^<[\p{L}_$][\p{L}\p{N}_$]*>/u.exec(this.#source.slice(this.#at, this.#at + 200))?.[0];
      if (name === undefined) throw new Inexpressible();
      this.#at += name.length;
    }
    const body = this.#disjunction();
    if (!this.#eat(')')) throw new Inexpressible();
    return {
      ...body,
      text: captures ? `(${body.text})` : `(?:${body.text})`,
      groups: body.groups + (captures ? 1 : 0),
      size: body.size + (captures ? 2 : 0),
    };
  }

  #quantified(atom: Part): Part {
    const [least, most, written] = this.#quantifier();
    if (written === '') return atom;
    if (least > MAX_REPEAT || (most !== null && most > MAX_REPEAT)) throw new Inexpressible();
    const lazy = this.#eat('?') ? '?' : '';
    const repeats = most === null || most > 1;
    if (atom.nullable || (repeats && atom.optionalGroups)) this.#sameMatches = false;
    const size = atom.size * Math.max(1, most ?? least + 1) + 1;
    if (size > MAX_SIZE) throw new Inexpressible();
    return {
      text: `${/^(?:\(|\[|\\x\{[^}]*\}$|.$)/su.test(atom.text) ? atom.text : `(?:${atom.text})`}${written}${lazy}`,
      nullable: atom.nullable || least === 0,
      groups: atom.groups,
      optionalGroups: atom.optionalGroups || (least === 0 && atom.groups > 0),
      size,
    };
  }

  /** Least, most (null: no bound), and the quantifier as RE2 writes it; an empty text when there is none. */
  #quantifier(): readonly [number, number | null, string] {
    if (this.#eat('*')) return [0, null, '*'];
    if (this.#eat('+')) return [1, null, '+'];
    if (this.#eat('?')) return [0, 1, '?'];
    const counted = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.#source.slice(this.#at, this.#at + 50));
    if (counted === null) return [1, 1, ''];
    this.#at += counted[0].length;
    const least = Number(counted[1]);
    if (counted[2] === undefined) return [least, least, `{${least}}`];
    const most = counted[3] === '' ? null : Number(counted[3]);
    return [least, most, `{${least},${most ?? ''}}`];
  }

  /** After the backslash, outside of brackets. */
  #escape(): string {
    const known = this.#classEscape();
    return known === null ? literal(this.#characterEscape()) : `[${known}]`;
  }

  #classEscape(): string | null {
    const letter = this.#peek();
    const known = CLASSES[letter];
    if (known !== undefined) {
      // Two letters beyond ASCII fold to letters of words, which ECMAScript sees in a way of its own.
      if (this.#ignoreCase && (letter === 'W' || (letter === 'w' && this.#unicode))) throw new Inexpressible();
      this.#at += 1;
      return known;
    }
    if (!this.#unicode || (letter !== 'p' && letter !== 'P')) return null;
    const property = /^[pP]\{([\w=]+)\}/.exec(this.#source.slice(this.#at, this.#at + 100));
    if (property === null || this.#ignoreCase) throw new Inexpressible();
    this.#at += property[0].length;
    return `\\${letter}{${propertyName(property[1] ?? '')}}`;
  }

  /** The code point that an escape stands for. */
  #characterEscape(): number {
    const letter = this.#peek();
    const control = CONTROLS[letter];
    if (control !== undefined) {
      this.#at += 1;
      return control;
    }
    if (letter === '0' && !/^0\d/.test(this.#peek(2))) {
      this.#at += 1;
      return 0;
    }
    // References back to groups, or octal digits; and what a name in angle brackets follows.
    if (/[\dk]/.test(letter)) throw new Inexpressible();
    if (letter === 'c') return this.#controlLetter();
    if (letter === 'x') return this.#hex(/^x([\da-fA-F]{2})/);
    if (letter === 'u') return this.#unicodeEscape();
    return this.#codePoint();
  }

  #controlLetter(): number {
    const found = /^c([A-Za-z])/.exec(this.#peek(2))?.[1];
    if (found === undefined) throw new Inexpressible();
    this.#at += 2;
    return found.charCodeAt(0) % 32;
  }

  #hex(form: RegExp): number {
    const found = form.exec(this.#source.slice(this.#at, this.#at + 20));
    if (found === null) throw new Inexpressible();
    this.#at += found[0].length;
    return Number.parseInt(found[1] ?? '', 16);
  }

  #unicodeEscape(): number {
    if (this.#unicode && this.#peek(2) === 'u{') return this.#hex(/^u\{([\da-fA-F]{1,8})\}/);
    const first = this.#hex(/^u([\da-fA-F]{4})/);
    if (first < 0xd800 || first > 0xdbff) return first;
    const second = /^\\u(d[c-f][\da-f]{2})/i.exec(this.#peek(6))?.[1];
    if (second === undefined) return first;
    this.#at += 6;
    return 0x10000 + (first - 0xd800) * 0x400 + (Number.parseInt(second, 16) - 0xdc00);
  }

  #codePoint(): number {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) throw new Inexpressible();
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  /** After the opening bracket. */
  #class(): string {
    const negated = this.#eat('^');
    let items = '';
    while (!this.#eat(']')) {
      const from = this.#classItem();
      if (typeof from === 'string') {
        items += from;
        continue;
      }
      if (this.#peek() !== '-' || this.#peek(2) === '-]') {
        items += literal(from);
        continue;
      }
      this.#at += 1;
      const to = this.#classItem();
      items += typeof to === 'string' ? `${literal(from)}\\-${to}` : `${literal(from)}-${literal(to)}`;
    }
    if (items === '') return negated ? ANY : NOTHING;
    return `[${negated ? '^' : ''}${items}]`;
  }

  /** One code point, or the text of a class of them. */
  #classItem(): number | string {
    if (this.#at >= this.#source.length) throw new Inexpressible();
    if (!this.#eat('\\')) return this.#codePoint();
    if (this.#eat('b')) return 8;
    return this.#classEscape() ?? this.#characterEscape();
  }
}

function character(text: string): Part {
  return { text, nullable: false, groups: 0, optionalGroups: false, size: 1 };
}

function literal(code: number): string {
  const isPlain = (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isPlain ? String.fromCharCode(code) : `\\x{${code.toString(16)}}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Long names of general categories, as ECMAScript allows them. */
const CATEGORIES: { readonly [name: string]: string } = {
  Letter: 'L',
  Cased_Letter: 'LC',
  Uppercase_Letter: 'Lu',
  Lowercase_Letter: 'Ll',
  Titlecase_Letter: 'Lt',
  Modifier_Letter: 'Lm',
  Other_Letter: 'Lo',
  Mark: 'M',
  Combining_Mark: 'M',
  Nonspacing_Mark: 'Mn',
  Spacing_Mark: 'Mc',
  Enclosing_Mark: 'Me',
  Number: 'N',
  Decimal_Number: 'Nd',
  digit: 'Nd',
  Letter_Number: 'Nl',
  Other_Number: 'No',
  Punctuation: 'P',
  punct: 'P',
  Connector_Punctuation: 'Pc',
  Dash_Punctuation: 'Pd',
  Open_Punctuation: 'Ps',
  Close_Punctuation: 'Pe',
  Initial_Punctuation: 'Pi',
  Final_Punctuation: 'Pf',
  Other_Punctuation: 'Po',
  Symbol: 'S',
  Math_Symbol: 'Sm',
  Currency_Symbol: 'Sc',
  Modifier_Symbol: 'Sk',
  Other_Symbol: 'So',
  Separator: 'Z',
  Space_Separator: 'Zs',
  Line_Separator: 'Zl',
  Paragraph_Separator: 'Zp',
  Control: 'Cc',
  Format: 'Cf',
};
/**
 * Names of one or two letters. Those with unassigned code points are left out: the two Unicode tables may disagree on
 * them.
 */
const SHORT_CATEGORY = /^(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|Cc|Cf)$/;

function propertyName(name: string): string {
  const [, key, value] = /^(?:(\w+)=)?(\w+)$/.exec(name) ?? [];
  if (value === undefined) throw new Inexpressible();
  if (key === 'Script' || key === 'sc') return value;
  if (key !== undefined && key !== 'General_Category' && key !== 'gc') throw new Inexpressible();
  const category = CATEGORIES[value] ?? value;
  if (category !== 'LC' && SHORT_CATEGORY.test(category)) return category;
  if (key === undefined && (value === 'Any' || value === 'ASCII')) return value;
  throw new Inexpressible();
}
