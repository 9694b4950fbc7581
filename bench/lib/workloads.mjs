// What every peer is made to do, and what must come out of it. Each step is remembered durably before what needs it
// starts.

export const FAN_OUT = 10;
export const MAP_ITEMS = 200;
/** How many items of the map are worked on at once, where that can be said. */
export const MAP_AT_ONCE = 10;

/** Three steps, one after another, each adds 1. */
export const three = (seed) => seed + 3;

/** Ten steps side by side, the i-th gives `seed + i`; an eleventh adds them up. */
export const fanOut = (seed) => FAN_OUT * seed + (FAN_OUT * (FAN_OUT - 1)) / 2;

/** 200 items, each a step that doubles it; then their sum. */
export const map = (seed) => 2 * (MAP_ITEMS * seed + (MAP_ITEMS * (MAP_ITEMS - 1)) / 2);

export const itemsOf = (seed) => Array.from({ length: MAP_ITEMS }, (_, index) => seed + index);
export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** How many durable steps a run of each has. */
export const STEPS = { three: 3, fanOut: FAN_OUT + 1, map: MAP_ITEMS };
