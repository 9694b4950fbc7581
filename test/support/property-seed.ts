import { configureGlobal } from 'fast-check';

/** Property tests try the same cases each time, so that what fails is due to a change; another seed tries others. */
configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 1) });
