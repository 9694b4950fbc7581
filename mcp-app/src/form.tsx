import { useState } from 'preact/hooks';
import { emptyTexts, readValue, toFields, type FormField } from '@console/design/schema-fields.js';
import type { Json, JsonSchema } from '@core/json.js';
import { BusyButton } from './parts.js';

/** A form for a value of a JSON Schema, as the console has it. */
export function Form({
  schema,
  label,
  submit,
  isBusy,
  onSubmit,
}: {
  readonly schema: JsonSchema;
  /** What the value is called. */
  readonly label: string;
  readonly submit: string;
  readonly isBusy: boolean;
  readonly onSubmit: (value: Json) => void;
}) {
  const fields = toFields(schema, label);
  const [texts, setTexts] = useState(() => emptyTexts(fields, undefined));
  const [fault, setFault] = useState<string | null>(null);
  const send = (event: Event): void => {
    event.preventDefault();
    const read = readValue(fields, texts);
    if ('fault' in read) return setFault(`${read.fault.name}: ${read.fault.message}`);
    setFault(null);
    onSubmit(read.value);
  };
  return (
    <form onSubmit={send}>
      {fields.map((field) => (
        <label key={field.name}>
          {field.label}
          {field.isRequired && ' *'}
          {field.description !== null && <span class="soft"> {field.description}</span>}
          <Control
            field={field}
            value={texts[field.name] ?? ''}
            onChange={(value) => setTexts({ ...texts, [field.name]: value })}
          />
        </label>
      ))}
      {fault !== null && <p class="state state-failed">{fault}</p>}
      <BusyButton type="submit" class="main" isBusy={isBusy}>
        {submit}
      </BusyButton>
    </form>
  );
}

function Control({
  field,
  value,
  onChange,
}: {
  readonly field: FormField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const shared = {
    value,
    required: field.isRequired && field.kind !== 'text',
    onInput: (event: Event) => onChange((event.target as HTMLInputElement).value),
  };
  if (field.kind === 'choice' || field.kind === 'boolean') {
    const choices = field.kind === 'boolean' ? [true, false] : field.choices;
    return (
      <select {...shared}>
        <option value="" />
        {choices.map((choice) => (
          <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
            {typeof choice === 'string' ? choice : JSON.stringify(choice)}
          </option>
        ))}
      </select>
    );
  }
  return field.kind === 'json' || field.isLong ? <textarea {...shared} rows={3} /> : <input {...shared} />;
}
