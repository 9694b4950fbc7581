import { useId, useState, type FormEvent, type ReactNode } from 'react';
import type { Json, JsonSchema } from '@core/json.js';
import { Button } from './button.js';
import { emptyTexts, readValue, toFields, type FormField } from './schema-fields.js';

interface SchemaFormProps {
  readonly schema: JsonSchema;
  /** What the value is called. */
  readonly label: string;
  /** What the fields begin with. */
  readonly initial?: Json | undefined;
  readonly submit: string;
  readonly isBusy: boolean;
  readonly onSubmit: (value: Json) => void;
  /** What the server says is wrong, by JSON pointer. */
  readonly problems?: readonly { readonly path: string; readonly message: string }[];
  readonly children?: ReactNode;
}

/**
 * A form for a value of a JSON Schema: a field for each property that is simple, JSON for what is not. The server has
 * the last word on what fits.
 */
export function SchemaForm({
  schema,
  label,
  initial,
  submit,
  isBusy,
  onSubmit,
  problems = [],
  children,
}: SchemaFormProps): ReactNode {
  const fields = toFields(schema, label);
  const [texts, setTexts] = useState(() => emptyTexts(fields, initial));
  const [fault, setFault] = useState<{ readonly name: string; readonly message: string } | null>(null);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    const read = readValue(fields, texts);
    if ('fault' in read) return setFault(read.fault);
    setFault(null);
    onSubmit(read.value);
  };
  return (
    <form onSubmit={send} className="space-y-3">
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={texts[field.name] ?? ''}
          problem={fault?.name === field.name ? fault.message : problemOf(field, problems)}
          onChange={(value) => setTexts({ ...texts, [field.name]: value })}
        />
      ))}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="main" disabled={isBusy}>
          {submit}
        </Button>
        {children}
      </div>
    </form>
  );
}

function problemOf({ name }: FormField, problems: SchemaFormProps['problems'] = []): string | null {
  const found = problems.find(
    ({ path }) => path === `/${name}` || path.startsWith(`/${name}/`) || path.endsWith(`/${name}`),
  );
  return found?.message ?? null;
}

interface FieldProps {
  readonly field: FormField;
  readonly value: string;
  readonly problem: string | null;
  readonly onChange: (value: string) => void;
}

function Field({ field, value, problem, onChange }: FieldProps): ReactNode {
  const id = useId();
  const described = [field.description === null ? '' : `${id}-about`, problem === null ? '' : `${id}-problem`];
  return (
    <div>
      <label htmlFor={id} className="block text-sm font-medium">
        {field.label}
        {field.isRequired && <span className="text-soft"> *</span>}
      </label>
      {field.description !== null && (
        <p id={`${id}-about`} className="text-sm text-soft">
          {field.description}
        </p>
      )}
      <Control
        id={id}
        field={field}
        value={value}
        onChange={onChange}
        describedBy={described.filter((part) => part !== '').join(' ')}
        isInvalid={problem !== null}
      />
      {problem !== null && (
        <p id={`${id}-problem`} className="text-sm text-failed">
          {problem}
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  readonly id: string;
  readonly field: FormField;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly describedBy: string;
  readonly isInvalid: boolean;
}

const INPUT = 'mt-1 w-full rounded-md border border-edge bg-panel px-3 py-1.5';

function Control({ id, field, value, onChange, describedBy, isInvalid }: ControlProps): ReactNode {
  const shared = {
    id,
    value,
    required: field.isRequired && field.kind !== 'text',
    'aria-describedby': describedBy === '' ? undefined : describedBy,
    'aria-invalid': isInvalid || undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  if (field.kind === 'choice' || field.kind === 'boolean') {
    const choices =
      field.kind === 'boolean' ? ['true', 'false'] : field.choices.map((choice) => JSON.stringify(choice));
    return (
      <select {...shared} className={INPUT}>
        <option value="" />
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {field.kind === 'boolean' ? choice : labelOf(choice)}
          </option>
        ))}
      </select>
    );
  }
  if (field.kind === 'json' || field.isLong) {
    const look = field.kind === 'json' ? 'font-mono text-sm' : '';
    return <textarea {...shared} rows={4} spellCheck={field.kind !== 'json'} className={`${INPUT} ${look}`} />;
  }
  const inputMode = field.kind === 'number' ? 'decimal' : undefined;
  return <input {...shared} inputMode={inputMode} className={INPUT} />;
}

function labelOf(json: string): string {
  const value = JSON.parse(json) as Json;
  return typeof value === 'string' ? value : json;
}
