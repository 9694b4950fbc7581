import { isJsonObject, type JsonObject } from '../../core/json.js';
import { oneLine } from './one-line.js';
import { SseParser } from '../../api/client/sse-parser.js';

export interface StreamMessage {
  readonly message: JsonObject;
  /** As it came, except for line breaks in it. */
  readonly line: string;
}

/** The messages of a stream as they come. Throws when the connection is cut, and at what is no message. */
export async function* sseMessages(response: Response): AsyncGenerator<StreamMessage, void> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const parser = new SseParser();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const { data } of parser.push(decoder.decode(value, { stream: true }))) {
        const message = JSON.parse(data) as unknown;
        if (!isJsonObject(message)) throw new Error('The stream holds what is no message.');
        yield { message, line: oneLine(data, message) };
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
