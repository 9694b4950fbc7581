import type { ApiWorkflow } from '../api-types.js';
import { commentOf, nameOf, schemaToType } from './schema-to-type.js';

/** A file in TypeScript that says of each workflow what goes in and comes out, for `connect<Workflows>()`. */
export function workflowTypes(workflows: readonly ApiWorkflow[]): string {
  const entries = workflows
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((workflow) => [
      ...commentOf({ description: workflow.description }, '  '),
      `  ${nameOf(workflow.id)}: {`,
      `    input: ${schemaToType(workflow.input_schema, '    ')};`,
      `    output: ${workflow.output_schema === null ? 'unknown' : schemaToType(workflow.output_schema, '    ')};`,
      '  };',
    ]);
  return [
    '// Written by `errand workflows types`: write it again when the workflows change.',
    'export interface Workflows {',
    ...entries,
    '}',
    '',
  ].join('\n');
}
