-- What models have used for a run, over all its nodes, beside the rest of its outcome: nobody need read the nodes to know.
-- Escapes that Postgres cannot read, NUL and half surrogate pairs, are passed over.
UPDATE runs SET outcome = used.outcome
FROM (
  SELECT runs.id, CASE WHEN runs.outcome IS NULL THEN '{' ELSE left(runs.outcome, -1) || ',' END
    || '"usage":' || json_build_object(
      'calls', sum((node->'usage'->>'calls')::bigint),
      'inputTokens', sum((node->'usage'->>'inputTokens')::bigint),
      'cachedInputTokens', sum((node->'usage'->>'cachedInputTokens')::bigint),
      'outputTokens', sum((node->'usage'->>'outputTokens')::bigint),
      'costMicros', sum((node->'usage'->>'costMicros')::bigint),
      'unpricedCalls', sum((node->'usage'->>'unpricedCalls')::bigint)
    )::text || '}' AS outcome
  FROM runs, json_array_elements(regexp_replace(runs.nodes, '\\u(0000|d[89a-f][0-9a-f]{2})', '\\u0001', 'g')::json) AS node
  WHERE position('"usage":{' IN runs.nodes) > 0 AND json_typeof(node->'usage') = 'object'
  GROUP BY runs.id, runs.outcome
) AS used
WHERE runs.id = used.id;
