import type { ReactNode } from 'react';
import type { ApiNode } from '@api/api-types.js';
import { JsonTree } from '../../../../design/json-tree.js';
import { formatCost } from '../../../../format/format.js';
import { steps as t } from '../../../../text/steps.js';
import type { NodeHistory } from '../../history/history.js';
import { KeptNote } from './kept-note.js';
import { ModelExchange } from './model-exchange.js';
import { listSteps, type ModelCall, type ShownStep } from './read-step.js';

const MAX_STEPS = 100;

/** What a node's work has come to step by step: calls of models first of all. */
export function Steps({ node, history }: { readonly node: ApiNode; readonly history: NodeHistory }): ReactNode {
  const all = listSteps(node, history);
  if (all.length === 0) return null;
  const isAlone = all.length === 1;
  return (
    <div role="group" aria-label={t.title}>
      <h3 className="mb-1 text-sm font-semibold">
        {t.title} <span className="font-normal text-soft">{all.length.toLocaleString()}</span>
      </h3>
      {all.length > MAX_STEPS && <p className="mb-1 text-sm text-soft">{t.older(all.length - MAX_STEPS)}</p>}
      <ul className="divide-y divide-line rounded-md border border-line">
        {all.slice(-MAX_STEPS).map((step) => (
          <li key={step.id}>
            <details open={isAlone || isWriting(step)}>
              <summary className="cursor-pointer px-3 py-1.5 text-sm wrap-anywhere">
                <Summary step={step} />
              </summary>
              <div className="space-y-3 border-t border-line bg-sunken p-3">
                <Body step={step} />
              </div>
            </details>
          </li>
        ))}
      </ul>
    </div>
  );
}

function isWriting(step: ShownStep): boolean {
  return step.kind === 'model' && step.call.state === 'writing';
}

function Summary({ step }: { readonly step: ShownStep }): ReactNode {
  return (
    <>
      {t.kinds[step.kind]} <code>{step.name}</code>
      {step.kind === 'model' && <span className="text-soft">{wordsOf(step.call).map((words) => ` · ${words}`)}</span>}
    </>
  );
}

function Body({ step }: { readonly step: ShownStep }): ReactNode {
  if (step.kind === 'model') return <ModelExchange call={step.call} />;
  if (step.kind === 'step') return <JsonTree value={step.outcome} open={3} />;
  return (
    <>
      <KeptNote kept={step.kept} what="tool" />
      {step.result !== undefined && (
        <div>
          <h4 className="text-xs font-semibold text-soft">{t.result}</h4>
          <JsonTree value={step.result} open={3} />
        </div>
      )}
    </>
  );
}

/** Which model, its tokens and their price, and whether it has answered. */
function wordsOf({ usage, state }: ModelCall): readonly string[] {
  const words: string[] = [];
  if (typeof usage?.['model'] === 'string') words.push(usage['model']);
  const [input, output] = [usage?.['input_tokens'], usage?.['output_tokens']];
  if (typeof input === 'number' && typeof output === 'number') {
    words.push(t.tokens(input, Number(usage?.['cached_input_tokens'] ?? 0), output));
    words.push(usage?.['unpriced_calls'] === 0 ? formatCost(Number(usage['cost_usd'])) : t.noPrice);
  }
  if (state === 'lost') words.push(t.lost);
  if (state === 'writing') words.push(t.writing);
  return words;
}
