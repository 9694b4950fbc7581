import { crc32, deflateSync } from 'node:zlib';

/**
 * A PNG of soft stripes, `width` by `height`. With `grain` each pixel has a little noise, which no compression gets rid
 * of: such a picture weighs about three bytes a pixel. The same arguments always give the same bytes.
 */
export function makePicture(params: { width: number; height: number; grain: boolean }): Buffer {
  const { width, height, grain } = params;
  const rows = Buffer.alloc((width * 3 + 1) * height);
  let noise = 1;
  let offset = 0;
  for (let y = 0; y < height; y++) {
    rows[offset++] = 0; // the row's filter: none
    for (let x = 0; x < width; x++) {
      for (const base of [150, 110, 70]) {
        noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
        rows[offset++] = base + ((x + y) % 40) + (grain ? noise >>> 26 : 0);
      }
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits a channel, RGB
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(rows, { level: grain ? 0 : 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, checksum]);
}
