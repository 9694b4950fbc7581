import { lazy } from 'react';
import { loadPart } from '../app/stale-page.js';

/** Brings what draws charts with it. */
export const LazyChart = lazy(async () => ({ default: (await loadPart(() => import('./chart.js'))).Chart }));
