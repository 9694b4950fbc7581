import {
  listPublications,
  listWorkflowVersions,
  revertPublication,
  rollBackWorkflow,
  unpublishWorkflow,
} from '../../../api/endpoints/authoring.js';
import type { ApiPublication, ApiVersionItem } from '../../../api/authoring-types.js';
import { type CliCommand, optional, wholeNumber } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { ownerOf, ownerOptions, ownerQuery, tellChanges } from './workflows-publish.js';

const ID = { name: '<id>', description: "the workflow's id" };

export const workflowsVersionsCommand: CliCommand = {
  name: 'workflows versions',
  summary: 'List the versions of a published workflow, and what was published when',
  arguments: [{ ...ID, name: '[id]', description: "the workflow's id; without it, what was published when" }],
  options: ownerOptions,
  examples: ['errand workflows versions report', 'errand workflows versions'],
  async run(context, given) {
    const id = given.argument(0);
    const query = { ...ownerQuery(given), limit: 100 };
    if (id === '') {
      const answer = await context.client().call(listPublications, { query });
      if (context.json) context.printJson(answer);
      else if (answer.publications.length === 0) context.note('Nothing was published yet.');
      else context.printLines(publicationTable(context, answer.publications));
      return EXIT.ok;
    }
    const answer = await context.client().call(listWorkflowVersions, { path: { id }, query });
    if (context.json) context.printJson(answer);
    else context.printLines(versionTable(context, answer.versions, answer.published));
    return EXIT.ok;
  },
};

type Context = Parameters<CliCommand['run']>[0];

function versionTable(context: Context, rows: readonly ApiVersionItem[], published: number | null): readonly string[] {
  return context.table<ApiVersionItem>({
    columns: [
      { header: 'VERSION', value: ({ version }) => String(version) },
      { header: 'MADE', value: ({ created_at: at }) => context.time(at) },
      { header: 'HASH', value: ({ hash }) => hash.slice(0, 12) },
      { header: '', value: ({ version }) => (version === published ? 'published' : '') },
    ],
    rows,
  });
}

function publicationTable(context: Context, rows: readonly ApiPublication[]): readonly string[] {
  return context.table<ApiPublication>({
    columns: [
      { header: 'NUMBER', value: ({ number }) => String(number) },
      { header: 'AT', value: ({ created_at: at }) => context.time(at) },
      { header: 'CHANGES', value: ({ changes }) => changes.map(tellChange).join(', '), min: 20 },
    ],
    rows,
  });
}

function tellChange({ workflow_id: id, before, after }: ApiPublication['changes'][number]): string {
  return `${id} ${before ?? '-'} → ${after ?? '-'}`;
}

export const workflowsRollBackCommand: CliCommand = {
  name: 'workflows rollback',
  summary: 'Publish an earlier version of a workflow again',
  arguments: [ID],
  options: [
    { flags: '--to <version>', description: 'which; the newest older one that was ever published when not given' },
    ...ownerOptions,
  ],
  examples: ['errand workflows rollback report', 'errand workflows rollback report --to 3'],
  async run(context, given) {
    const body = { ...ownerOf(given), ...optional('version', given.number('to', { min: 1 })) };
    const answer = await context.client().call(rollBackWorkflow, { path: { id: given.argument(0) }, body });
    if (context.json) context.printJson(answer);
    else tellChanges(context, answer.publication);
    return EXIT.ok;
  },
};

export const workflowsRevertCommand: CliCommand = {
  name: 'workflows revert',
  summary: 'Undo a publication: put all its workflows back to what they were before it',
  arguments: [{ name: '<number>', description: 'of the publication; "errand workflows versions" lists them' }],
  options: ownerOptions,
  examples: ['errand workflows revert 17'],
  async run(context, given) {
    const number = wholeNumber(given.argument(0), 'the publication', { min: 1 });
    const path = { number: String(number) };
    const publication = await context.client().call(revertPublication, { path, body: ownerOf(given) });
    if (context.json) context.printJson(publication);
    else tellChanges(context, publication);
    return EXIT.ok;
  },
};

export const workflowsUnpublishCommand: CliCommand = {
  name: 'workflows unpublish',
  summary: 'Take a published workflow away; runs under way go on',
  arguments: [ID],
  options: ownerOptions,
  examples: ['errand workflows unpublish report'],
  async run(context, given) {
    const call = { path: { id: given.argument(0) }, query: ownerQuery(given) };
    const publication = await context.client().call(unpublishWorkflow, call);
    if (context.json) context.printJson(publication);
    else tellChanges(context, publication);
    return EXIT.ok;
  },
};
