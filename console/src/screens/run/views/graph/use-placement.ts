import { useEffect, useRef, useState } from 'react';
import { startWorker } from '../../../../app/start-worker.js';
import type { Direction, Placement, Shape } from './layout.js';
import type { LayoutAnswer, LayoutRequest } from './layout-worker.js';
// oxlint-disable-next-line import/default -- Vite makes it the address of what it builds.
import workerUrl from './layout-worker.ts?worker&url';

/** Where the boxes stand; the last that is known while others are placed. Null before the first. */
export function usePlacement(shapes: readonly Shape[] | null, direction: Direction): Placement | null {
  const worker = useRef<Worker | null>(null);
  const asked = useRef(0);
  const [placement, setPlacement] = useState<Placement | null>(null);
  useEffect(() => {
    const started = startWorker(workerUrl);
    worker.current = started;
    started.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => {
      if (data.id === asked.current) setPlacement(data.placement);
    });
    return () => started.terminate();
  }, []);
  useEffect(() => {
    asked.current += 1;
    if (shapes === null) return setPlacement(null);
    const request: LayoutRequest = { id: asked.current, shapes, direction };
    worker.current?.postMessage(request);
  }, [shapes, direction]);
  return placement;
}
