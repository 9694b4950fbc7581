import type { ApiCheckedText, ApiPlacedFault } from '../../../api/authoring-types.js';
import type { CliContext } from '../../command/cli-context.js';
import { oneLine } from '../../terminal/text-width.js';

/** A line for each fault and warning, its place first, as editors understand it. */
export function printChecked(context: CliContext, checked: ApiCheckedText, file: string): void {
  const { faults, fault_count: count, warnings } = checked;
  for (const warning of warnings) context.print(lineOf(warning, file, 'warning: '));
  for (const fault of faults) context.print(lineOf(fault, file, ''));
  if (count > faults.length) context.note(`and ${count - faults.length} more`);
  if (count > 0) context.note(context.style('red', count === 1 ? '1 fault' : `${count} faults`));
}

function lineOf({ line, column, path, message, value }: ApiPlacedFault, file: string, before: string): string {
  const place = [file, line, column].filter((part) => part !== null).join(':');
  const shown = value === undefined ? '' : ` (${JSON.stringify(value)})`;
  return oneLine(`${path === '' ? place : `${place} ${path}`}: ${before}${message}${shown}`);
}
