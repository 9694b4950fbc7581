import type { ApiWorkflowDiff } from '../../../api/authoring-types.js';
import type { Json } from '../../../core/json.js';
import type { CliContext } from '../../command/cli-context.js';
import { oneLine } from '../../terminal/text-width.js';

type Fields = ApiWorkflowDiff['fields'];

/** What is new with a plus, what is gone with a minus, what is another with a tilde. */
export function printDiff(context: CliContext, diff: ApiWorkflowDiff): void {
  const { style } = context;
  const print = (sign: '+' | '-' | '~', text: string): void =>
    context.print(style(COLOURS[sign], oneLine(`${sign} ${text}`)));
  const { nodes, fields, input, breaking } = diff;
  for (const { id, kind } of nodes.added) print('+', `node ${id} (${kind})`);
  for (const { id, kind } of nodes.removed) print('-', `node ${id} (${kind})`);
  for (const { id, kind, fields: changed } of nodes.changed) {
    print('~', `node ${id} (${kind})`);
    printFields(changed, print, `${id}.`);
  }
  printFields(fields, print, '');
  for (const { path, message, breaking: breaks } of input)
    print(breaks ? '-' : '~', `${path} ${message}${breaks ? ' (breaking)' : ''}`);
  const count = nodes.added.length + nodes.removed.length + nodes.changed.length + fields.length + input.length;
  if (count === 0) context.print('They are the same.');
  else if (breaking) context.note(style('red', 'Callers may be refused who were not before.'));
}

const COLOURS = { '+': 'green', '-': 'red', '~': 'yellow' } as const;

function printFields(fields: Fields, print: (sign: '+' | '-' | '~', text: string) => void, prefix: string): void {
  for (const { field, before, after } of fields) {
    if (before !== undefined) print('-', `${prefix}${field}: ${short(before)}`);
    if (after !== undefined) print('+', `${prefix}${field}: ${short(after)}`);
  }
}

const MAX_SHOWN = 200;

function short(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
