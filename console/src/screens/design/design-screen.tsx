import type { ReactNode } from 'react';
import { Button } from '../../design/button.js';
import { Notice } from '../../design/notice.js';
import { Panel } from '../../design/panel.js';
import { Heading } from '../../design/heading.js';
import { text } from '../../text/en.js';
import { Colours } from './colours.js';
import { States } from './states.js';

const t = text.design;

const TYPE = [
  { use: t.typeUse.title, look: 'text-xl font-[650] tracking-tight', size: '20 / 28' },
  { use: t.typeUse.dialog, look: 'text-lg font-[650] tracking-tight', size: '18 / 28' },
  { use: t.typeUse.panel, look: 'text-base font-[650] tracking-tight', size: '16 / 24' },
  { use: t.typeUse.text, look: '', size: '15 / 22.5' },
  { use: t.typeUse.small, look: 'text-sm', size: '14 / 20' },
  { use: t.typeUse.tiny, look: 'text-xs text-soft', size: '12 / 16' },
  { use: t.typeUse.mono, look: 'font-mono text-sm', size: '14 / 20' },
];
const SPACES = [4, 8, 12, 16, 20, 24, 32];
const LOOKS = ['main', 'plain', 'danger', 'quiet'] as const;
const NOTICES = ['failed', 'waiting', 'running', 'partial_complete', 'pending'] as const;

/** What the console is made of, shown with its own parts: what is changed there changes here. */
export function DesignScreen(): ReactNode {
  return (
    <div className="space-y-4">
      <Heading title={t.title} />
      <p className="max-w-3xl">{t.intro}</p>
      <States />
      <Colours />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <TypeScale />
        <Spacing />
      </div>
      <Parts />
    </div>
  );
}

function TypeScale(): ReactNode {
  return (
    <Panel title={t.type}>
      <dl className="space-y-3">
        {TYPE.map(({ use, look, size }) => (
          <div key={use} className="flex flex-wrap items-baseline justify-between gap-x-6">
            <dd className={`order-first min-w-0 ${look}`}>{t.sample}</dd>
            <dt className="text-xs text-soft tabular-nums">
              {use} · {size}
            </dt>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Spacing(): ReactNode {
  return (
    <Panel title={t.spacing}>
      <p className="mb-3 text-sm text-soft">{t.spacingAbout}</p>
      <ul className="space-y-2">
        {SPACES.map((px) => (
          <li key={px} className="flex items-center gap-3 text-sm tabular-nums">
            <span className="w-12 text-soft">{px} px</span>
            <span aria-hidden className="h-3 rounded-sm bg-accent" style={{ width: px * 4 }} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Parts(): ReactNode {
  return (
    <Panel title={t.parts}>
      <div className="space-y-5">
        <div>
          <h3 className="mb-2 text-sm">{t.buttons}</h3>
          <div className="flex flex-wrap gap-2">
            {LOOKS.map((look) => (
              <Button key={look} look={look}>
                {t.button[look]}
              </Button>
            ))}
            <Button disabled>{t.button.disabled}</Button>
          </div>
        </div>
        <div>
          <h3 className="mb-2 text-sm">{t.notices}</h3>
          <div className="space-y-2">
            {NOTICES.map((kind) => (
              <Notice key={kind} kind={kind}>
                {t.notice[kind]}
              </Notice>
            ))}
          </div>
        </div>
        <div>
          <h3 className="mb-2 text-sm">{t.progress}</h3>
          <div className="state state-running h-3 rounded-full bg-sunken">
            <div className="bar-busy h-full w-2/5 rounded-full bg-(--state)" />
          </div>
        </div>
      </div>
    </Panel>
  );
}
