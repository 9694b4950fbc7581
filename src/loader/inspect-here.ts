import { errorMessage } from '../core/errors.js';
import type { InspectModule } from '../core/handlers/module-report.js';
import { importModule, reportModule } from '../workflow/module-exports.js';

export const MAX_IMPORT_MS = 30_000;

/** Loads modules into this very process. */
export const inspectHere: InspectModule = async (file) => {
  try {
    return { status: 'ok', report: reportModule(await inTime(importModule(file))) };
  } catch (thrown) {
    const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
    return { status: 'faulty', fault: { message: errorMessage(thrown), stack } };
  }
};

/** A module whose top level never ends must not hold up all others. */
async function inTime<T>(importing: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the file has not finished loading after ${MAX_IMPORT_MS / 1_000} s`));
    }, MAX_IMPORT_MS);
  });
  try {
    return await Promise.race([importing, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
