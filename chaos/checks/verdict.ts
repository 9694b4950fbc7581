/** What was held against what, and what did not hold. */
export class Verdict {
  readonly checked = new Map<string, number>();
  readonly violations: string[] = [];

  /** Counts one thing checked; where it does not hold, `evidence` says what is wrong. */
  hold(what: string, holds: boolean, evidence: () => string): void {
    this.checked.set(what, (this.checked.get(what) ?? 0) + 1);
    if (!holds) this.violations.push(`${what}: ${evidence()}`);
  }

  print(say: (line: string) => void): void {
    const width = Math.max(...[...this.checked.values()].map((count) => count.toLocaleString('en').length));
    for (const [what, count] of this.checked) say(`  ${count.toLocaleString('en').padStart(width)}  ${what}`);
    for (const violation of this.violations.slice(0, 50)) say(`  VIOLATION ${violation}`);
    if (this.violations.length > 50) say(`  … and ${this.violations.length - 50} more`);
  }
}
