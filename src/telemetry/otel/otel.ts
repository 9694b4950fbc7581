import type * as api from '@opentelemetry/api';
import type * as apiLogs from '@opentelemetry/api-logs';

/** OpenTelemetry as it is installed beside this program; it is no part of it. */
export interface Otel {
  readonly api: typeof api;
  readonly apiLogs: typeof apiLogs;
  readonly version: string;
}
