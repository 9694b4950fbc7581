import { isJsonObject } from '../../../core/json.js';
import { firstSentences } from '../../shared/tell-findings.js';
import type { AgentTool } from './tool.js';

/** The tool by which an agent says what it found. */
export const RECORD_FINDINGS = 'record_findings';
export const REPORT_PROGRESS = 'report_progress';

export const BUILT_IN_NAMES: readonly string[] = [REPORT_PROGRESS, RECORD_FINDINGS];

const MAX_FINDINGS_LENGTH = 600;

/** What every agent may call. */
export const BUILT_IN_TOOLS: readonly AgentTool[] = [
  {
    name: REPORT_PROGRESS,
    description: 'Tells the waiting people what you are doing now and, if you know it, your progress in percent.',
    inputSchema: {
      type: 'object',
      required: ['message'],
      properties: {
        percent: { type: 'number', minimum: 0, maximum: 100 },
        message: { type: 'string', minLength: 1 },
      },
    },
    async call({ context, args }) {
      const { percent = 0, message } = isJsonObject(args) ? args : {};
      // Only the end of the node is 100 %.
      context.progress(Math.min(99, percent as number), message as string);
      return 'ok';
    },
  },
  {
    name: RECORD_FINDINGS,
    description:
      'Tells the waiting people what you have found so far, in one to three sentences. The last call counts.',
    inputSchema: {
      type: 'object',
      required: ['text'],
      properties: { text: { type: 'string', minLength: 1 } },
    },
    async call({ context, args }) {
      context.findings(firstSentences(isJsonObject(args) ? (args['text'] as string) : '', MAX_FINDINGS_LENGTH));
      return 'ok';
    },
  },
];
