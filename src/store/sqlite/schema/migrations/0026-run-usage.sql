-- What models have used for a run, over all its nodes, beside the rest of its outcome: nobody need read the nodes to know.
UPDATE runs SET outcome = used.outcome
FROM (
  SELECT runs.id, (CASE WHEN runs.outcome IS NULL THEN '{' ELSE substr(runs.outcome, 1, length(runs.outcome) - 1) || ',' END)
    || '"usage":' || json_object(
      'calls', sum(json_extract(node.value, '$.usage.calls')),
      'inputTokens', sum(json_extract(node.value, '$.usage.inputTokens')),
      'cachedInputTokens', sum(json_extract(node.value, '$.usage.cachedInputTokens')),
      'outputTokens', sum(json_extract(node.value, '$.usage.outputTokens')),
      'costMicros', sum(json_extract(node.value, '$.usage.costMicros')),
      'unpricedCalls', sum(json_extract(node.value, '$.usage.unpricedCalls'))
    ) || '}' AS outcome
  FROM runs, json_each(runs.nodes) AS node
  WHERE instr(runs.nodes, '"usage":{') > 0 AND json_type(node.value, '$.usage') = 'object'
  GROUP BY runs.id
) AS used
WHERE runs.id = used.id;
