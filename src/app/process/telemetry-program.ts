import { parentPort, workerData } from 'node:worker_threads';
import { runExportThread, type ExportThreadData } from '../../telemetry/otel/export/export-thread.js';

/** The thread beside the server that sends what OpenTelemetry is told. */
if (parentPort !== null) await runExportThread(parentPort, workerData as ExportThreadData);
