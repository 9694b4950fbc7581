import type { ReactNode } from 'react';
import { isJsonObject, type Json, type JsonSchema } from '@core/json.js';
import { text } from '../text/en.js';
import { JsonTree } from './json-tree.js';

const t = text.data;

/** A value by its schema: each property under its title, with what it is for; what the schema does not name comes last. */
export function SchemaValue({ value, schema }: { readonly value: Json; readonly schema: JsonSchema }): ReactNode {
  const { properties } = schema;
  if (!isJsonObject(value) || !isJsonObject(properties)) return <JsonTree value={value} />;
  const others = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
  return (
    <dl className="divide-y divide-line">
      {Object.entries(properties).map(([name, property]) => (
        <Property
          key={name}
          name={name}
          schema={isJsonObject(property) ? property : {}}
          value={value[name]}
          isRequired={Array.isArray(schema['required']) && schema['required'].includes(name)}
        />
      ))}
      {others.map((name) => (
        <Property key={name} name={name} schema={{}} value={value[name]} isRequired={false} />
      ))}
    </dl>
  );
}

function Property({
  name,
  schema,
  value,
  isRequired,
}: {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly value: Json | undefined;
  readonly isRequired: boolean;
}): ReactNode {
  const { title, description, type } = schema;
  const kind = [typeof type === 'string' ? type : '', isRequired ? t.required : ''].filter((part) => part !== '');
  return (
    <div className="grid gap-x-4 py-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <dt className="text-sm">
        <span className="font-medium wrap-anywhere">{typeof title === 'string' ? title : name}</span>{' '}
        <span className="text-soft">{kind.join(', ')}</span>
        {typeof description === 'string' && <p className="text-soft wrap-anywhere">{description}</p>}
      </dt>
      <dd className="min-w-0">
        {value === undefined ? (
          <span className="text-sm text-soft">{t.absent}</span>
        ) : (
          <SchemaValue value={value} schema={schema} />
        )}
      </dd>
    </div>
  );
}
