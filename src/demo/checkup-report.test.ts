import { describe, expect, it } from 'vitest';
import { plainStyle } from '../cli/terminal/style.js';
import { STUB_ENDED_RUN, stubNode } from '../../test/support/http/rest-stub.js';
import { renderCheckupReport } from './checkup-report.js';
import type { Checkup } from './checkup-report.js';

const checkup: Checkup = {
  url: 'http://127.0.0.1:4000/',
  score: 71,
  pages_checked: 13,
  agents: { links: { score: 62, faults: 2 }, seo: { score: 80, faults: 0 } },
  findings: [
    {
      agent: 'links',
      rule: 'dead-link',
      severity: 'high',
      page: 'http://127.0.0.1:4000/about',
      selector: '#old',
      message: 'The link http://127.0.0.1:4000/old answers 404.',
      also_on: ['http://127.0.0.1:4000/news'],
    },
    { agent: 'links', rule: 'slow', severity: 'low', page: 'http://127.0.0.1:4000/', selector: null, message: 'Slow.' },
  ],
};
const run = {
  ...STUB_ENDED_RUN,
  nodes: [
    stubNode({ id: 'l', role: 'links', label: 'Link Checker', status: 'completed' }),
    stubNode({ id: 's', role: 'seo', label: 'SEO', status: 'completed' }),
    stubNode({
      id: 'x',
      role: 'sec',
      label: 'Security',
      status: 'failed',
      error: { kind: 'timeout', message: 'timed out' },
    }),
  ],
};

describe('renderCheckupReport', () => {
  it('shows the scores and each agent with its faults, worst first', () => {
    expect(renderCheckupReport({ run, checkup, width: 79, style: plainStyle })).toEqual([
      'Score  71 of 100  ·  13 pages  ·  2 faults',
      '',
      'AGENT                               SCORE  FAULTS',
      'Link Checker  ████████████▍░░░░░░░     62       2',
      'SEO           ████████████████░░░░     80       0',
      'Security      ░░░░░░░░░░░░░░░░░░░░      -       -',
      '',
      'Link Checker: 2 faults',
      '  high    /about  The link /old answers 404. (#old) Also on /news.',
      '  low     /       Slow.',
      '',
      'SEO: nothing to complain of',
      '',
      'Security: timed out',
    ]);
  });
});
