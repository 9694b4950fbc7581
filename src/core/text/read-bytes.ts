/**
 * All of an answer's body; null when it has more bytes than that, whatever length the server announced. The rest is
 * then not read.
 */
export async function readBytes(response: Response, maxBytes: number): Promise<Buffer | null> {
  const chunks = await readChunks(response, maxBytes);
  return chunks === null ? null : Buffer.concat(chunks);
}

/** The same as it came: to put much together takes long. */
export async function readChunks(response: Response, maxBytes: number): Promise<readonly Uint8Array[] | null> {
  if (response.body === null) return [];
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
}
