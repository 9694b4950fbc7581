/** The texts of what workflows are written with. */
export const editor = {
  title: 'New workflow',
  titleOf: (name: string) => `Draft: ${name}`,
  edit: 'Edit as a draft',
  drafts: 'Drafts',
  draftsAbout: 'Definitions that are being written. Nobody runs them before they are published.',
  create: 'New workflow',
  unnamed: 'Without a name',
  faultsOf: (count: number) => (count === 0 ? 'no faults' : `${count} ${count === 1 ? 'fault' : 'faults'}`),
  changed: 'changed',
  label: 'Definition (YAML)',
  keys: 'Ctrl-Space completes; Escape and then Tab leaves the editor.',
  checking: 'Checking…',
  fine: 'No faults: it can be published.',
  faults: 'Faults',
  warnings: 'To know before you publish',
  line: (line: number) => `line ${line}`,
  more: (count: number) => `and ${count} more`,
  graph: 'Graph',
  graphOf: (nodes: string) => (nodes === '' ? 'No nodes yet' : `The graph: ${nodes}`),
  noGraph: 'No nodes can be made out yet.',
  save: 'Save the draft',
  saved: (revision: number) => `Saved, revision ${revision}`,
  unsaved: 'Not saved',
  publish: 'Publish',
  publishing: 'Publishing…',
  remove: 'Delete the draft',
  leaving: 'What was typed is not saved, and is lost when you leave. Leave?',
  removing: 'Deleting takes the draft away for everybody. What is published stays.',
  theirs: 'Show the saved one instead',
  mayNot: 'Writing workflows takes the scope "workflows:write", which your key lacks.',
  notFound: 'There is no such draft. Perhaps it was published or deleted.',
  notPublished: 'This workflow comes from the server’s folder, or was published for all: it is edited there.',
  diff: 'Changes',
  diffOf: (version: number) => `Changes to version ${version}`,
  same: 'Nothing is changed.',
  changes: {
    title: 'What it changes',
    ofSaved: 'Of what is saved.',
    breaking: 'Callers may be refused who were not before: their input may not fit any more.',
    credits: (before: number, after: number) => `A run reserves ${after} in place of ${before} credits.`,
    added: 'New node',
    removed: 'Gone:',
    changed: 'Changed:',
    workflow: 'The workflow itself',
    absent: 'nothing',
    show: (version: number) => `What version ${version} changed`,
  },
  added: 'added',
  removed: 'taken out',
  versions: 'Versions',
  published: 'published',
  rollBack: (version: number) => `Roll back to version ${version}`,
  rollBackTitle: (version: number) => `Roll back to version ${version}?`,
  rolledBack: 'Runs that go on stay on their version; new ones start on this one.',
  start: `id: greet
name: Greet
description: Greets somebody.
input:
  type: object
  required: [name]
  properties: { name: { type: string } }
nodes:
  - id: greet
    kind: transform
    with: { text: 'Hello, {{ input.name }}!' }
`,
} as const;
