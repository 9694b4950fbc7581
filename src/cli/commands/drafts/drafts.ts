import {
  checkWorkflow,
  createDraft,
  deleteDraft,
  getDraft,
  listDrafts,
  publishDraft,
  updateDraft,
} from '../../../api/endpoints/authoring.js';
import type { ApiDraft, ApiDraftItem } from '../../../api/authoring-types.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, type CliOption, type GivenOptions, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { ownerOf, ownerOptions, ownerQuery, tellChanges } from '../workflows/workflows-publish.js';
import { printChecked } from './print-checked.js';
import { FILE, readDraftFile } from './read-draft-file.js';

const ID = { name: '<id>', description: 'the draft\'s id; "errand drafts" lists them' };
const REVISION: CliOption = { flags: '--revision <number>', description: 'the one that you have read' };
const BASE: CliOption = {
  flags: '--base <version>',
  description: 'the published version that it is made of; without one, it is a new workflow',
};

function revisionOf(given: GivenOptions): number {
  const revision = given.number('revision', { min: 1 });
  if (revision !== undefined) return revision;
  throw new UsageError('Say which revision you have read: --revision 3. "errand drafts show" tells it.');
}

function tellDraft(context: CliContext, draft: ApiDraft, file: string): number {
  if (context.json) context.printJson(draft);
  else {
    printChecked(context, draft.check, file);
    context.print(`The draft ${draft.id} is at revision ${draft.revision}.`);
  }
  return EXIT.ok;
}

export const draftsListCommand: CliCommand = {
  name: 'drafts list',
  summary: 'List definitions that are being written and are not published yet',
  options: [{ flags: '--workflow <id>', description: 'of this workflow' }, ...ownerOptions],
  examples: ['errand drafts', 'errand drafts list --workflow greet --json'],
  async run(context, given) {
    const query = { ...ownerQuery(given), limit: 100, ...optional('workflow_id', given.text('workflow')) };
    const answer = await context.client().call(listDrafts, { query });
    context.printList<ApiDraftItem>(answer, {
      columns: [
        { header: 'ID', value: ({ id }) => id },
        { header: 'WORKFLOW', value: ({ workflow_id: id }) => id ?? '-' },
        { header: 'REVISION', value: ({ revision }) => String(revision), align: 'right' },
        { header: 'FAULTS', value: ({ fault_count: faults }) => String(faults), align: 'right' },
        { header: 'MADE OF', value: ({ base_version: base }) => (base === null ? '-' : `version ${base}`) },
        { header: 'CHANGED', value: ({ updated_at: at }) => context.time(at) },
      ],
      rows: answer.drafts,
      none: 'There are no drafts.',
    });
    return EXIT.ok;
  },
};

export const draftsShowCommand: CliCommand = {
  name: 'drafts show',
  summary: 'Show the text of a draft, and its faults',
  arguments: [ID],
  options: ownerOptions,
  examples: ['errand drafts show 0190b0c2-7f3a-7abc-8def-0123456789ab > greet.yaml'],
  async run(context, given) {
    const draft = await context.client().call(getDraft, { path: { id: given.argument(0) }, query: ownerQuery(given) });
    if (context.json) context.printJson(draft);
    else {
      context.print(draft.text.replace(/\n$/, ''));
      const { fault_count: faults } = draft;
      context.note(`Revision ${draft.revision}, ${faults === 1 ? '1 fault' : `${faults} faults`}.`);
    }
    return EXIT.ok;
  },
};

export const draftsCheckCommand: CliCommand = {
  name: 'drafts check',
  summary: 'Have the server check a definition, and keep nothing',
  details:
    'By what there is on the server: workflows that it runs, secrets and models that it needs. Exits with 1 when there is a fault. ' +
    '"errand workflows check" checks a folder without a server.',
  arguments: [FILE],
  options: ownerOptions,
  examples: ['errand drafts check greet.yaml', 'errand drafts check greet.yaml --json | jq .graph'],
  async run(context, given) {
    const file = given.argument(0);
    const body = { ...(await readDraftFile(context, file)), ...ownerOf(given) };
    const checked = await context.client().call(checkWorkflow, { body });
    if (context.json) context.printJson(checked);
    else {
      printChecked(context, checked, file);
      if (checked.ok) context.print(`${checked.workflow_id} is in order.`);
    }
    return checked.ok ? EXIT.ok : EXIT.error;
  },
};

export const draftsCreateCommand: CliCommand = {
  name: 'drafts create',
  summary: 'Keep a definition as a draft, with faults or without',
  arguments: [FILE],
  options: [BASE, ...ownerOptions],
  examples: ['errand drafts create greet.yaml', 'errand drafts create greet.yaml --base 3'],
  async run(context, given) {
    const file = given.argument(0);
    const text = await readDraftFile(context, file);
    const body = { ...text, ...ownerOf(given), ...optional('base_version', given.number('base', { min: 1 })) };
    return tellDraft(context, await context.client().call(createDraft, { body }), file);
  },
};

export const draftsUpdateCommand: CliCommand = {
  name: 'drafts update',
  summary: 'Replace the text of a draft, unless somebody else has changed it',
  arguments: [ID, FILE],
  options: [REVISION, BASE, ...ownerOptions],
  examples: ['errand drafts update 0190b0c2-7f3a-7abc-8def-0123456789ab greet.yaml --revision 1'],
  async run(context, given) {
    const file = given.argument(1);
    const revision = revisionOf(given);
    const base = optional('base_version', given.number('base', { min: 1 }));
    const body = { ...(await readDraftFile(context, file)), revision, ...base, ...ownerOf(given) };
    return tellDraft(
      context,
      await context.client().call(updateDraft, { path: { id: given.argument(0) }, body }),
      file,
    );
  },
};

export const draftsPublishCommand: CliCommand = {
  name: 'drafts publish',
  summary: 'Make a draft without faults a version of its workflow; the draft is gone then',
  arguments: [ID],
  options: [
    REVISION,
    { ...BASE, description: 'over which published version, where another one was published since' },
    ...ownerOptions,
  ],
  examples: ['errand drafts publish 0190b0c2-7f3a-7abc-8def-0123456789ab --revision 2'],
  async run(context, given) {
    const base = optional('base_version', given.number('base', { min: 1 }));
    const body = { revision: revisionOf(given), ...base, ...ownerOf(given) };
    const published = await context.client().call(publishDraft, { path: { id: given.argument(0) }, body });
    if (context.json) context.printJson(published);
    else tellChanges(context, published.publication);
    return EXIT.ok;
  },
};

export const draftsDeleteCommand: CliCommand = {
  name: 'drafts delete',
  summary: 'Delete a draft',
  arguments: [ID],
  options: [REVISION, ...ownerOptions],
  examples: ['errand drafts delete 0190b0c2-7f3a-7abc-8def-0123456789ab'],
  async run(context, given) {
    const id = given.argument(0);
    const query = { ...ownerQuery(given), ...optional('revision', given.number('revision', { min: 1 })) };
    await context.client().call(deleteDraft, { path: { id }, query });
    if (context.json) context.printJson({ id, deleted: true });
    else context.print(`Deleted the draft ${id}.`);
    return EXIT.ok;
  },
};
