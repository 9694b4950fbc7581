/** What a node has remembered of its work: its own steps, calls of models, uses of tools. */
export const steps = {
  title: 'Steps and model calls',
  kinds: { model: 'Model', tool: 'Tool', run: 'Run', step: 'Step' },
  lost: 'gave no answer',
  writing: 'answers…',
  lostModel: 'The model was asked and gave no answer. What it used is counted all the same.',
  tokens: (input: number, cached: number, output: number) =>
    `${input.toLocaleString()} tokens in${cached > 0 ? ` (${cached.toLocaleString()} cached)` : ''}, ${output.toLocaleString()} out`,
  noPrice: 'no known price',
  prompt: 'Prompt',
  promptOfMore: 'What is new in the prompt; what was said before stands in the calls above',
  answer: 'Answer',
  soFar: 'Answer so far',
  result: 'Result',
  emptyAnswer: 'It gave no text.',
  roles: { system: 'System', user: 'User', assistant: 'Model', tool: 'Tool' },
  toolCall: (name: string) => `Calls ${name}`,
  failedTool: 'failed',
  finish: (reason: string) => `Stopped because of: ${reason}`,
  older: (count: number) => `${count.toLocaleString()} earlier ones are in the log.`,
  contentSetting: 'ERRAND_MODEL_CONTENT',
  /** Before and after the name of the setting. */
  kept: {
    droppedModel: [
      'Prompt and answer are not kept: the server drops them (',
      '=drop). With "keep" they would be here.',
    ],
    droppedTool: ['The result is not kept: the server drops it (', '=drop). With "keep" it would be here.'],
    sealed: [
      'Encrypted while the run goes on (',
      '=redact or drop). After its end it is masked with "redact", and gone with "drop". With "keep" it would be here.',
    ],
    noPrompt: ['The prompt is not kept (', '=drop). With "keep" it would be here.'],
    masked: ['Masked where it looked like personal data or a key (', '=redact). With "keep" it would be whole.'],
  },
} as const;
