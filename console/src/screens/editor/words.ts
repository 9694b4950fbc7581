/** The fields of a workflow's definition, for completion. A test holds them to what the server takes. */
export const WORKFLOW_FIELDS = [
  'id',
  'name',
  'description',
  'credits',
  'charge',
  'estimated_duration',
  'publish',
  'input',
  'output',
  'nodes',
  'concurrency',
  'isolation',
  'limits',
  'timeout',
  'budget',
  'models',
  'result',
  'summary',
  'schedules',
  'secrets',
  'searchable',
] as const;

/** Of a node of any kind. */
export const NODE_FIELDS = [
  'id',
  'kind',
  'role',
  'label',
  'needs',
  'join',
  'when',
  'with',
  'retry',
  'timeout',
  'resource',
  'budget',
  'on_error',
] as const;

const MODEL_FIELDS = [
  'model',
  'system',
  'files',
  'output',
  'repairs',
  'temperature',
  'max_output_tokens',
  'top_p',
  'seed',
  'stop',
  'provider_options',
] as const;

/** Of the nodes of each kind, besides. */
export const KIND_FIELDS: Readonly<Record<string, readonly string[]>> = {
  code: ['uses'],
  http: [],
  transform: [],
  map: ['over', 'do', 'concurrency', 'on_item_error'],
  group: ['nodes', 'result', 'concurrency'],
  repeat: ['nodes', 'until', 'at_most', 'when_exhausted', 'result', 'concurrency'],
  switch: ['cases', 'result'],
  race: ['branches'],
  workflow: ['workflow', 'version', 'credits'],
  wait: ['for', 'until'],
  ask: ['question', 'answer', 'deadline', 'default'],
  event: ['name', 'match', 'look_back', 'deadline', 'default'],
  emit: ['name', 'key', 'keep_for'],
  script: ['source', 'memory', 'time', 'max_output'],
  mcp: ['server', 'tool'],
  llm: ['prompt', ...MODEL_FIELDS],
  agent: ['goal', 'tools', 'max_steps', ...MODEL_FIELDS],
};

/** The values of fields that take one of a few. */
export const CHOICES: Readonly<Record<string, readonly string[]>> = {
  kind: Object.keys(KIND_FIELDS),
  join: ['all', 'any'],
  backoff: ['exponential', 'linear', 'fixed'],
};
