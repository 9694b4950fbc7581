import { useQuery } from '@tanstack/react-query';
import { useId, type ReactNode } from 'react';
import { RUN_STATUSES } from '@core/run/run.js';
import { workflowsQuery, type RunFilters } from '../../api/queries.js';
import { Button } from '../../design/button.js';
import { text } from '../../text/en.js';

const t = text.runs;

/** The filters are the server's: what is chosen goes into the address. */
export function RunFilterBar({
  filters,
  onChange,
}: {
  readonly filters: RunFilters;
  readonly onChange: (filters: RunFilters) => void;
}): ReactNode {
  const { data: workflows = [] } = useQuery(workflowsQuery);
  const { status, workflow } = filters;
  const known = workflows.map(({ id, name }) => ({ value: id, label: name }));
  const choices =
    workflow === undefined || known.some(({ value }) => value === workflow)
      ? known
      : [...known, { value: workflow, label: workflow }];
  const choose = (change: { readonly [name in 'status' | 'workflow']?: string }): void => {
    const next = { status, workflow, ...change };
    const { status: chosen = '', workflow: id = '' } = next;
    onChange({
      ...(chosen === '' ? {} : { status: chosen as NonNullable<RunFilters['status']> }),
      ...(id === '' ? {} : { workflow: id }),
    });
  };
  return (
    <div role="group" aria-label={t.filters} className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <Choice
        label={t.status}
        value={status}
        choices={RUN_STATUSES.map((value) => ({ value, label: text.status[value] }))}
        onChoose={(value) => choose({ status: value })}
      />
      <Choice label={t.workflow} value={workflow} choices={choices} onChoose={(value) => choose({ workflow: value })} />
      {(status !== undefined || workflow !== undefined) && (
        <Button look="quiet" onClick={() => onChange({})}>
          {t.clear}
        </Button>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly onChoose: (value: string) => void;
}

/** One of several, or any. */
export function Choice({ label, value, choices, onChoose }: ChoiceProps): ReactNode {
  const id = useId();
  return (
    <div className="flex min-w-0 items-center gap-2 text-sm">
      <label htmlFor={id} className="text-soft">
        {label}
      </label>
      <select
        id={id}
        value={value ?? ''}
        onChange={(event) => onChoose(event.target.value)}
        className="max-w-48 min-w-0 rounded-md border border-edge bg-panel px-2 py-1.5"
      >
        <option value="">{t.any}</option>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  );
}
