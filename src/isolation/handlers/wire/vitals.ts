/** What a worker's thread shares with whoever watches it, an Int32Array. */
export const VITALS = {
  /** Counts on as long as its event loop turns and it has something to do. */
  beat: 0,
  /** How many calls it has. */
  calls: 1,
  /** The call in which it computes; 0: none that is known. */
  current: 2,
  /** The newest call that it has begun. They are begun in the order of their numbers. */
  begun: 3,
  /**
   * Not 0: it begins no calls, as those that it has are being given to others. Which time that is, for the message that
   * opens it again.
   */
  closed: 4,
  /** What the one who watches sleeps on. */
  nap: 5,
  length: 6,
} as const;

/** How often a thread that has calls counts on. */
export const BEAT_MS = 20;
/** One that has not for so long is busy. */
export const BUSY_MS = 75;
