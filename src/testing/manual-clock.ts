export { ManualClock, settle } from '../core/time/manual-clock.js';
