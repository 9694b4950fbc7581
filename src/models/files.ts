import { errorMessage } from '../core/errors.js';
import type { FilePart, ModelMessage } from '../core/models.js';
import type { NodeFailure } from '../core/node-kind.js';
import type { SdkModel } from './sdk.js';
import { modelFailure } from './to-failure.js';

const MOST_BYTES = 20 * 1_024 * 1_024;

/** Where the model finds a file: at its URL, or in base64. */
export type FileData = URL | string;

/** The files of the messages, each with what the model is sent for it: one that it cannot fetch from its URL itself is fetched here. */
export async function fetchFiles(params: {
  readonly model: SdkModel;
  readonly messages: readonly ModelMessage[];
  readonly signal: AbortSignal;
}): Promise<ReadonlyMap<FilePart, FileData>> {
  const parts = params.messages.flatMap((message) =>
    message.role === 'user' ? message.content.filter((part) => part.type === 'file') : [],
  );
  if (parts.length === 0) return new Map();
  const supported = await params.model.supportedUrls;
  const files = parts.map(async (part) => [part, await fileData(part, supported, params.signal)] as const);
  return new Map(await Promise.all(files));
}

async function fileData(
  part: FilePart,
  supported: { readonly [mediaType: string]: readonly RegExp[] },
  signal: AbortSignal,
): Promise<FileData> {
  if (part.data !== undefined) return part.data;
  if (part.url === undefined) throw badFile(part, 'it has neither "url" nor "data"');
  const inline = /^data:[^,]*;base64,(.*)$/s.exec(part.url)?.[1];
  if (inline !== undefined) return inline;
  if (!URL.canParse(part.url)) throw badFile(part, 'this is no address');
  const isSupported = Object.entries(supported).some(
    ([pattern, urls]) => matches(part.mediaType, pattern) && urls.some((url) => url.test(part.url ?? '')),
  );
  return isSupported ? new URL(part.url) : fetchFile(part, part.url, signal);
}

/** `image/png` fits `image/png`, `image/*`, `*` and `*` + `/*`. */
function matches(mediaType: string, pattern: string): boolean {
  if (pattern === '*' || pattern === '*/*') return true;
  return pattern.endsWith('/*') ? mediaType.startsWith(pattern.slice(0, -1)) : mediaType === pattern;
}

async function fetchFile(part: FilePart, url: string, signal: AbortSignal): Promise<string> {
  let response: Response;
  let bytes: ArrayBuffer;
  try {
    response = await fetch(url, { signal });
    if (Number(response.headers.get('content-length') ?? 0) > MOST_BYTES) {
      await response.body?.cancel();
      throw badFile(part, 'it has more than 20 MiB');
    }
    bytes = await response.arrayBuffer();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof Error && error.name === 'NodeFailure') throw error;
    throw modelFailure('network', `the file ${url} cannot be fetched: ${errorMessage(error)}`);
  }
  if (response.status >= 500) throw modelFailure('network', `the file ${url} cannot be fetched: ${response.status}`);
  if (!response.ok) throw badFile(part, `fetching it answered ${response.status}`);
  if (bytes.byteLength > MOST_BYTES) throw badFile(part, 'it has more than 20 MiB');
  return Buffer.from(bytes).toString('base64');
}

function badFile(part: FilePart, what: string): NodeFailure {
  const name = part.filename ?? part.url ?? part.mediaType;
  return modelFailure('model_bad_request', `the file ${name.slice(0, 200)} cannot be sent: ${what}`);
}
