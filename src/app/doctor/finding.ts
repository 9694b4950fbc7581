/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** `fault`: some host will not get in. `warning`: some host may not. */
  readonly kind: 'ok' | 'warning' | 'fault';
  /** What was seen, and for what is wrong a sentence on what to mend. */
  readonly message: string;
}

/** Gathers what is found about one thing; what nothing is wrong with is one finding that says so. */
export class Findings {
  readonly #all: Finding[] = [];

  add(kind: Finding['kind'], name: string, message: string): void {
    this.#all.push({ name, kind, message });
  }

  get list(): readonly Finding[] {
    return this.#all;
  }

  /** Says `message` unless something was said of `name` already. */
  okUnlessTold(name: string, message: string): void {
    if (!this.#all.some((finding) => finding.name === name)) this.add('ok', name, message);
  }
}

/** Whether nothing has to be done. */
export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ kind }) => kind !== 'fault');
}
