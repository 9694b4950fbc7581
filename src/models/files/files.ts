import { errorMessage } from '../../core/errors.js';
import type { FilePart, ModelMessage } from '../../core/models/models.js';
import type { NodeFailure } from '../../core/handlers/node-kind.js';
import { type FetchFile, UnfitFile } from './fetch-file.js';
import type { SdkModel } from '../provider/sdk.js';
import { modelFailure } from '../provider/to-failure.js';

/** Where the model finds a file: at its URL, or in base64. */
export type FileData = URL | string;

interface FetchBy {
  readonly fetchFile: FetchFile;
  readonly signal: AbortSignal;
}

/**
 * The files of the messages, each with what the model is sent for it: one that it cannot fetch from its URL itself is
 * fetched here.
 */
export async function fetchFiles(
  params: FetchBy & { readonly model: SdkModel; readonly messages: readonly ModelMessage[] },
): Promise<ReadonlyMap<FilePart, FileData>> {
  const parts = params.messages.flatMap((message) =>
    message.role === 'user' ? message.content.filter((part) => part.type === 'file') : [],
  );
  if (parts.length === 0) return new Map();
  const supported = await params.model.supportedUrls;
  const files = parts.map(async (part) => [part, await fileData(part, supported, params)] as const);
  return new Map(await Promise.all(files));
}

async function fileData(
  part: FilePart,
  supported: { readonly [mediaType: string]: readonly RegExp[] },
  by: FetchBy,
): Promise<FileData> {
  if (part.data !== undefined) return part.data;
  if (part.url === undefined) throw badFile(part, 'it has neither "url" nor "data"');
  const inline = /^data:[^,]*;base64,(.*)$/s.exec(part.url)?.[1];
  if (inline !== undefined) return inline;
  if (!URL.canParse(part.url)) throw badFile(part, 'this is no address');
  const isSupported = Object.entries(supported).some(
    ([pattern, urls]) => matches(part.mediaType, pattern) && urls.some((url) => url.test(part.url ?? '')),
  );
  return isSupported ? new URL(part.url) : readBytes(part, new URL(part.url), by);
}

/** `image/png` fits `image/png`, `image/*`, `*` and `*` + `/*`. */
function matches(mediaType: string, pattern: string): boolean {
  if (pattern === '*' || pattern === '*/*') return true;
  return pattern.endsWith('/*') ? mediaType.startsWith(pattern.slice(0, -1)) : mediaType === pattern;
}

async function readBytes(part: FilePart, url: URL, { fetchFile, signal }: FetchBy): Promise<string> {
  try {
    const bytes = url.protocol === 'data:' ? await readInline(url) : await fetchFile(url, signal);
    return bytes.toString('base64');
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof UnfitFile) throw badFile(part, error.message);
    throw modelFailure('network', `the file ${toFileName(part)} cannot be fetched: ${errorMessage(error)}`);
  }
}

/** `data:` without base64. */
async function readInline(url: URL): Promise<Buffer> {
  try {
    return Buffer.from(await (await fetch(url)).arrayBuffer());
  } catch {
    throw new UnfitFile('this is no data: address');
  }
}

function badFile(part: FilePart, what: string): NodeFailure {
  return modelFailure('model_bad_request', `the file ${toFileName(part)} cannot be sent: ${what}`);
}

/** An address is told without what may be secret in it: user, password and query. */
function toFileName({ filename, url, mediaType }: FilePart): string {
  const address = url !== undefined && URL.canParse(url) ? new URL(url) : null;
  const told = address !== null && /^https?:$/.test(address.protocol) ? address.origin + address.pathname : url;
  return (filename ?? told ?? mediaType).slice(0, 200);
}
