import type { Json } from '@core/json.js';
import { startWorker } from '../../app/start-worker.js';
import type { ParseRequest } from './parse-worker.js';
// oxlint-disable-next-line import/default -- Vite makes it the address of what it builds.
import workerUrl from './parse-worker.ts?worker&url';
import { Pieces, type Piece } from './pieces.js';

/**
 * In bytes. A page reads a shorter text in less than 50 ms; to take it over from a worker, piece by piece, is as much
 * work for the page.
 */
const LONG = 2_000_000;

interface Reading {
  readonly pieces: Pieces;
  readonly resolve: (value: Json) => void;
  readonly reject: (error: Error) => void;
}

const readings = new Map<number, Reading>();
let worker: Worker | null = null;
let last = 0;

/** The value of a JSON text. A long one is read in a worker, and comes from there little by little. */
export function parseJson(bytes: ArrayBuffer): Json | Promise<Json> {
  if (bytes.byteLength < LONG) return JSON.parse(new TextDecoder().decode(bytes)) as Json;
  worker ??= openWorker();
  last += 1;
  const request: ParseRequest = { id: last, bytes };
  worker.postMessage(request, [bytes]);
  return new Promise((resolve, reject) => readings.set(request.id, { pieces: new Pieces(), resolve, reject }));
}

function openWorker(): Worker {
  const started = startWorker(workerUrl);
  started.addEventListener('message', ({ data }: MessageEvent<Piece>) => take(data));
  // It could not be loaded, say: a new one may be.
  started.addEventListener('error', () => {
    worker = null;
    for (const { reject } of readings.values()) reject(new Error('The answer could not be read.'));
    readings.clear();
  });
  return started;
}

function take({ id, part, rest }: Piece): void {
  const reading = readings.get(id);
  if (reading === undefined) return;
  if (part !== null) return reading.pieces.add(part);
  readings.delete(id);
  if (rest === undefined) reading.reject(new SyntaxError('This is no JSON.'));
  else reading.resolve(reading.pieces.finish(rest));
}
