import type { CliContext } from '../command/cli-context.js';
import type { Finding } from '../../app/doctor/finding.js';

const MARKS = { ok: ['green', 'ok'], warning: ['yellow', 'warning'], fault: ['red', 'wrong'] } as const;

export function printFindings(context: CliContext, findings: readonly Finding[]): void {
  for (const { name, kind, message } of findings) {
    const [colour, word] = MARKS[kind];
    context.print(`${context.style(colour, word.padEnd(7))}  ${name}: ${message}`);
  }
}
