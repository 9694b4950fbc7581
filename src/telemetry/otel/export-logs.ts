import type { LineLevel } from '../../core/ports/logger.js';
import type { Attributes } from './trace/attributes.js';
import { toPlain, type Place } from './trace/place.js';
import type { LogRecord, Recorder } from './trace/recorder.js';

/** Whoever takes a line of the log beside standard error, and says what the line is to hold beside its own fields. */
export interface LogSink {
  /** `trace_id` and `span_id` of what the line is about. */
  readonly fields: (fields: object) => object;
  readonly take: (level: LineLevel, fields: object, message: string) => void;
}

/** As OpenTelemetry numbers them. */
const SEVERITIES: { readonly [level in LineLevel]: number } = { debug: 5, info: 9, warn: 13, error: 17 };

/** `lines`: null where the log is not sent. */
export function exportLogs(params: {
  readonly lines: Recorder<LogRecord> | null;
  readonly placeOf: (fields: object) => Place | null;
}): LogSink {
  const { lines, placeOf } = params;
  return {
    fields: (fields) => {
      const place = placeOf(fields);
      return place === null ? {} : { trace_id: place.traceId, span_id: place.spanId };
    },
    take: (level, fields, message) => {
      if (lines === null) return;
      const found = placeOf(fields);
      const place = found === null ? null : toPlain(found);
      lines.add([Date.now(), SEVERITIES[level], level.toUpperCase(), message, attributesOf(fields), place]);
    },
  };
}

/** Plain values as they are, others as the JSON of them. */
function attributesOf(fields: object): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (value === undefined || value === null) continue;
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    attributes[name] = isPlain ? value : JSON.stringify(value);
  }
  return attributes;
}
