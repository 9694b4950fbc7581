/**
 * Reads how long this thread has had a processor, in milliseconds: what others take from it is not counted. Null where
 * the system does not tell it, as Linux does.
 */
export declare function threadTime(): (() => number) | null;
