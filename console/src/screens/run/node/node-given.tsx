import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiNode } from '@api/api-types.js';
import { isJsonObject, type Json } from '@core/json.js';
import { nodeInputQuery } from '../../../api/queries.js';
import { JsonTree } from '../../../design/json-tree.js';
import { text } from '../../../text/en.js';

const t = text.node;

/** What a node was given, as its expressions came out; nothing when it was given nothing. */
export function NodeGiven({
  runId,
  node,
  title,
  bound = '',
  told,
}: {
  readonly runId: string;
  readonly node: ApiNode;
  readonly title: string;
  /** How high it may be. */
  readonly bound?: string;
  /** What is said beside it: an error is not told twice. */
  readonly told?: string;
}): ReactNode {
  const { data: given } = useQuery(nodeInputQuery({ runId, node }));
  if (given === undefined || (given.error !== null && given.error.message === told)) return null;
  const value = toValue(given.input, given.fields);
  return (
    <div className="min-w-0">
      <h3 className="text-sm font-semibold">{title}</h3>
      {given.error === null ? (
        value === undefined ? (
          <p className="text-sm text-soft">{t.nothingGiven}</p>
        ) : (
          <div className={`overflow-auto ${bound}`} tabIndex={0} role="group" aria-label={title}>
            <JsonTree value={value} />
          </div>
        )
      ) : (
        <p className="font-mono text-sm wrap-anywhere">{given.error.message}</p>
      )}
    </div>
  );
}

/** `with` and the fields of the kind as one; undefined when there is nothing in either. */
function toValue(input: Json, fields: { readonly [name: string]: Json }): Json | undefined {
  const isEmpty = input === null || (isJsonObject(input) && Object.keys(input).length === 0);
  const named = Object.entries(fields).filter(([, value]) => value !== null);
  if (named.length === 0) return isEmpty ? undefined : input;
  return { ...(isEmpty ? {} : { with: input }), ...Object.fromEntries(named) };
}
