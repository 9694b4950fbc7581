import { placeBoxes, type Direction, type Placement, type Shape } from './layout.js';

/** Placing many boxes takes longer than a page may be busy: it is done beside it. */
export interface LayoutRequest {
  readonly id: number;
  readonly shapes: readonly Shape[];
  readonly direction: Direction;
}

export interface LayoutAnswer {
  readonly id: number;
  readonly placement: Placement;
}

self.addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  const answer: LayoutAnswer = { id: data.id, placement: placeBoxes(data.shapes, data.direction) };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- This is a worker, no window.
  self.postMessage(answer);
});
