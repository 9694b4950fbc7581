export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Longer texts are not compared line by line. */
const MAX_LINES = 2_000;
/** Around what is changed, as many lines stand. */
const AROUND = 3;

/** What is to be taken out of one text, and put in, to make the other; with the lines around it. Null: too long. */
export function diffLines(before: string, after: string): readonly DiffLine[] | null {
  const [a, b] = [before.trimEnd().split('\n'), after.trimEnd().split('\n')];
  if (a.length > MAX_LINES || b.length > MAX_LINES) return null;
  const all = [...walk(a, b, lengthsOf(a, b))];
  return all.filter((line, place) => line.kind !== 'same' || isNearChange(all, place));
}

function isNearChange(lines: readonly DiffLine[], place: number): boolean {
  return lines.slice(Math.max(0, place - AROUND), place + AROUND + 1).some(({ kind }) => kind !== 'same');
}

/** Of the longest common subsequence of what follows each pair of places. */
function lengthsOf(a: readonly string[], b: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [row, below] = [lengths[i]!, lengths[i + 1]!];
      row[j] = a[i] === b[j] ? below[j + 1]! + 1 : Math.max(below[j]!, row[j + 1]!);
    }
  }
  return lengths;
}

function* walk(a: readonly string[], b: readonly string[], lengths: readonly Uint16Array[]): Generator<DiffLine> {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      yield { kind: 'same', text: a[i]! };
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      yield { kind: 'removed', text: a[i]! };
      i += 1;
    } else {
      yield { kind: 'added', text: b[j]! };
      j += 1;
    }
  }
}
