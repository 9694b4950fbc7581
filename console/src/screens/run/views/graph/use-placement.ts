import { useEffect, useState } from 'react';
import { startWorker } from '../../../../app/start-worker.js';
import type { Direction, Placement, Shape } from './layout.js';
import type { LayoutAnswer, LayoutRequest } from './layout-worker.js';
// oxlint-disable-next-line import/default -- Vite makes it the address of what it builds.
import workerUrl from './layout-worker.ts?worker&url';

/** Who is told of the places that they asked for, by the number of the request. */
const waiting = new Map<number, (placement: Placement) => void>();
let worker: Worker | null = null;
let last = 0;

/** What is placed before it is drawn. */
let early: { readonly key: string; readonly placement: Promise<Placement> } | null = null;

/** Where the boxes stand; the last that is known while others are placed. Null before the first. */
export function usePlacement(shapes: readonly Shape[] | null, direction: Direction): Placement | null {
  const [placement, setPlacement] = useState<Placement | null>(null);
  useEffect(() => {
    if (shapes === null) return setPlacement(null);
    if (early?.key !== keyOf(shapes, direction)) return placeBeside({ shapes, direction }, setPlacement);
    let isLeft = false;
    void early.placement.then((placed) => isLeft || setPlacement(placed));
    return () => void (isLeft = true);
  }, [shapes, direction]);
  useEffect(() => stopIfBusy, []);
  return placement;
}

/** Places boxes that will be drawn like this, most likely. */
export function placeEarly(shapes: readonly Shape[], direction: Direction): void {
  const key = keyOf(shapes, direction);
  if (early?.key === key) return;
  early = { key, placement: new Promise((resolve) => placeBeside({ shapes, direction }, resolve)) };
}

function keyOf(shapes: readonly Shape[], direction: Direction): string {
  return `${direction} ${JSON.stringify(shapes)}`;
}

/** Starts what places boxes: to start it takes as long as to place some. */
export function prepareLayout(): void {
  worker ??= openWorker();
}

function openWorker(): Worker {
  const started = startWorker(workerUrl);
  started.addEventListener('message', ({ data: { id, placement } }: MessageEvent<LayoutAnswer>) => {
    waiting.get(id)?.(placement);
    waiting.delete(id);
  });
  // It could not be loaded, say: a new one may be.
  started.addEventListener('error', stop);
  return started;
}

/** Calls `done` with the places. Gives what keeps it from that. */
function placeBeside(asked: Omit<LayoutRequest, 'id'>, done: (placement: Placement) => void): () => void {
  last += 1;
  const id = last;
  const request: LayoutRequest = { id, ...asked };
  worker ??= openWorker();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- This is a worker, no window.
  worker.postMessage(request);
  waiting.set(id, done);
  return () => void waiting.set(id, () => undefined);
}

/** Nobody waits for what goes on in it. */
function stopIfBusy(): void {
  if (waiting.size > 0) stop();
}

function stop(): void {
  worker?.terminate();
  worker = null;
  early = null;
  waiting.clear();
}
