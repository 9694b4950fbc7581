import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { RUN_STATUSES } from '@core/run/run.js';
import { workflowsQuery } from '../../api/queries.js';
import { readFilters, SPANS, type RunFilters, type Span } from '../../app/run-filters.js';
import { Button } from '../../design/button.js';
import { inBothZones } from '../../format/format.js';
import { useTimeZone, type TimeZone } from '../../format/time-zone.js';
import { text } from '../../text/en.js';

const t = text.runs;

interface FilterProps {
  readonly filters: RunFilters;
  readonly onChange: (filters: RunFilters) => void;
}

/** The filters are the server's: what is chosen goes into the address. On a phone they are folded away. */
export function RunFilterBar({ filters, onChange }: FilterProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { data: workflows = [] } = useQuery(workflowsQuery);
  const { status, workflow, tag, field } = filters;
  const known = workflows.map(({ id, name }) => ({ value: id, label: name }));
  const choices =
    workflow === undefined || known.some(({ value }) => value === workflow)
      ? known
      : [...known, { value: workflow, label: workflow }];
  /** An empty text takes its filter away; another filter is another first page. */
  const change = (name: keyof RunFilters, value: string): void => {
    const { before: _, [name]: __, ...others } = filters;
    onChange(readFilters(value === '' ? { ...others } : { ...others, [name]: value }));
  };
  const set = Object.keys(filters).filter((name) => name !== 'before').length;
  return (
    <div>
      <Button className="md:hidden" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t.filters}
        {set > 0 && ` (${set})`}
      </Button>
      <div
        role="group"
        aria-label={t.filters}
        className={`flex flex-wrap items-center gap-x-4 gap-y-2 max-md:mt-2 ${isOpen ? '' : 'max-md:hidden'}`}
      >
        <Choice
          label={t.status}
          value={status}
          choices={RUN_STATUSES.map((value) => ({ value, label: text.status[value] }))}
          onChoose={(value) => change('status', value)}
        />
        <Choice label={t.workflow} value={workflow} choices={choices} onChoose={(value) => change('workflow', value)} />
        <TimeFilter filters={filters} onChange={onChange} />
        <TextField label={t.tag} value={tag} hint={t.tagHint} onChoose={(value) => change('tag', value)} />
        <TextField label={t.field} value={field} hint={t.fieldHint} onChoose={(value) => change('field', value)} />
      </div>
    </div>
  );
}

const RANGE = 'range';

/** A time back from now, or from one moment to another. */
function TimeFilter({ filters, onChange }: FilterProps): ReactNode {
  const { since, from, to, before: _, ...others } = filters;
  const [isAsked, setAsked] = useState(false);
  const zone = useTimeZone();
  const isRange = since === undefined && (isAsked || from !== undefined || to !== undefined);
  const spans = (Object.keys(SPANS) as Span[]).map((value) => ({ value: value as string, label: t.spans[value] }));
  const choose = (value: string): void => {
    setAsked(value === RANGE);
    onChange(readFilters({ ...others, since: value }));
  };
  const change = (name: 'from' | 'to', value: string): void =>
    onChange(readFilters({ ...others, from, to, [name]: value === '' ? undefined : value }));
  return (
    <>
      <Choice
        label={t.since}
        value={isRange ? RANGE : since}
        choices={[...spans, { value: RANGE, label: t.between }]}
        onChoose={choose}
      />
      {isRange && (
        <>
          <TimeField zone={zone} label={t.from[zone]} value={from} onChoose={(value) => change('from', value)} />
          <TimeField zone={zone} label={t.to[zone]} value={to} onChoose={(value) => change('to', value)} />
        </>
      )}
    </>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChoose: (value: string) => void;
}

const INPUT = 'min-w-0 rounded-md border border-edge bg-panel px-2 py-1.5';

/** A moment in the zone that is chosen; the address has it in UTC. */
function TimeField({ zone, label, value, onChoose }: FieldProps & { readonly zone: TimeZone }): ReactNode {
  const id = useId();
  const typed = value === undefined ? '' : toInput(value, zone);
  return (
    <div className="flex min-w-0 items-center gap-2 text-sm">
      <label htmlFor={id} className="text-soft">
        {label}
      </label>
      <input
        id={id}
        type="datetime-local"
        value={typed}
        title={value === undefined || typed === '' ? undefined : inBothZones(value)}
        onChange={(event) => onChoose(event.target.value === '' ? '' : fromInput(event.target.value, zone))}
        className={INPUT}
      />
    </div>
  );
}

/** Empty for what is no time. */
function toInput(at: string, zone: TimeZone): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return '';
  const offset = zone === 'utc' ? 0 : moment.getTimezoneOffset() * 60_000;
  return new Date(moment.getTime() - offset).toISOString().slice(0, 16);
}

function fromInput(typed: string, zone: TimeZone): string {
  return new Date(zone === 'utc' ? `${typed}Z` : typed).toISOString();
}

/** A text that holds once it is left, or Enter is pressed. */
export function TextField({ label, value = '', hint, onChoose }: FieldProps & { readonly hint: string }): ReactNode {
  const id = useId();
  const choose = (typed: string): void => {
    if (typed.trim() !== value) onChoose(typed.trim());
  };
  return (
    <div className="flex min-w-0 items-center gap-2 text-sm">
      <label htmlFor={id} className="text-soft">
        {label}
      </label>
      <input
        key={value}
        id={id}
        defaultValue={value}
        placeholder={hint}
        spellCheck={false}
        onBlur={(event) => choose(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') choose(event.currentTarget.value);
        }}
        className={`${INPUT} w-44`}
      />
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
