import type { Problem } from '../../core/errors.js';
import type { Json } from '../../core/json.js';

/** At once for what is certain to take little time. `text`: the value's JSON, where it is known. */
export type Check = (value: Json, text?: string) => readonly Problem[] | Promise<readonly Problem[]>;
