import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { S3_KEY, S3_REGION, S3_SECRET, S3Server } from '../../../../test/support/http/s3-server.js';
import { silentLogger } from '../../../core/ports/logger.js';
import { wireOutbound } from '../../config/wire-outbound.js';
import { S3Bucket, type S3Place } from './s3-bucket.js';
import { EMPTY_HASH, signRequest } from './sign.js';

const KEYS = { accessKeyId: S3_KEY, secretAccessKey: S3_SECRET, sessionToken: null };

describe('the signature of a request', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  it.each([
    ['?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('is the one that AWS gives as an example for %s', (search, signature) => {
    const url = new URL(`https://examplebucket.s3.amazonaws.com/${search}`);
    const request = { method: 'GET', url, region: 'us-east-1', headers: {}, bodyHash: EMPTY_HASH };
    const { authorization } = signRequest(request, KEYS, new Date('2013-05-24T00:00:00Z'));
    expect(authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=${S3_KEY}/20130524/us-east-1/s3/aws4_request, ` +
        `SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
    );
  });
});

describe('a bucket', () => {
  let folder: string;
  let server: S3Server;
  const PART = 1_000;
  const open = (place: Partial<S3Place> = {}): S3Bucket => {
    const all = { endpoint: server.endpoint, region: S3_REGION, bucket: 'backups', prefix: 'of us/', keys: KEYS };
    return new S3Bucket({ ...all, ...place }, wireOutbound({}, silentLogger), PART);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'errand-s3-'));
    server = await S3Server.start();
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes files whole or in parts, and gives them back', async () => {
    const bucket = open();
    for (const size of [0, PART, PART + 1, 3 * PART, 7 * PART + 13]) {
      const [path, back, data] = [join(folder, 'one'), join(folder, `back-${size}`), randomBytes(size)];
      writeFileSync(path, data);
      await bucket.put(`a file (${size}) + ü.backup`, path);
      await bucket.get(`a file (${size}) + ü.backup`, back);
      expect(readFileSync(back).equals(data)).toBe(true);
    }
    expect(server.uploads.size).toBe(0);
    expect([...server.objects.keys()]).toContain(`of us/a file (${PART}) + ü.backup`);
    expect(server.requests.filter((request) => request.includes('partNumber=')).length).toBe(2 + 3 + 8);
  });

  it('lists page by page what is below its prefix, and removes', async () => {
    server.objects.set('elsewhere', Buffer.from(''));
    for (const name of ['a', 'b & <c>', 'd', 'e', 'f']) server.objects.set(`of us/${name}`, Buffer.from(''));
    const bucket = open();
    expect(await bucket.list()).toEqual(['a', 'b & <c>', 'd', 'e', 'f']);
    await bucket.remove('b & <c>');
    expect(await bucket.list()).toEqual(['a', 'd', 'e', 'f']);
  });

  it('tries again when the store is busy, and leaves no parts behind when it gives up', async () => {
    const path = join(folder, 'one');
    writeFileSync(path, randomBytes(2 * PART));
    server.failures = 2;
    await open().put('one', path);
    expect(server.objects.get('of us/one')?.length).toBe(2 * PART);
  });

  it('says what the store says, and what to do, and never the key', async () => {
    const said = async (bucket: S3Bucket): Promise<string> =>
      bucket.list().then(
        () => 'nothing',
        (error: Error) => error.message,
      );
    const wrong = { ...KEYS, secretAccessKey: 'another-secret-key' };
    expect(await said(open({ keys: wrong }))).toMatch(/SignatureDoesNotMatch.*Look at ERRAND_S3_SECRET_ACCESS_KEY/);
    expect(await said(open({ keys: wrong }))).not.toContain('another-secret-key');
    expect(await said(open({ region: 'us-east-1' }))).toContain('ERRAND_S3_REGION');
    expect(await said(open({ keys: { ...KEYS, accessKeyId: 'NOBODY' } }))).toContain('Look at ERRAND_S3_ACCESS_KEY_ID');
    expect(await said(open({ bucket: 'none' }))).toMatch(/s3:\/\/none\/of us\/: the store says NoSuchBucket/);
    await expect(open().get('none', join(folder, 'none'))).rejects.toMatchObject({ code: 'not_found' });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
