import { ErrandError } from '../../../core/errors.js';
import type { KeepConfig } from '../../config/keep-settings.js';
import type { RawSettings } from '../../config/environment.js';
import type { S3Place } from './s3-bucket.js';

const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;
const DEFAULT_REGION = 'us-east-1';

export function isS3Address(text: string): boolean {
  return text.startsWith('s3://');
}

/** The bucket's name and what follows it; null for what is no such address. */
export function parseS3Address(address: string): { readonly bucket: string; readonly path: string } | null {
  const [, bucket, path = ''] = ADDRESS.exec(address) ?? [];
  return bucket === undefined ? null : { bucket, path };
}

/**
 * `s3://bucket/prefix`, and by which keys: the settings, or what AWS's own tools are given. Throws `invalid_input` where
 * something is missing.
 */
export function readS3Place(address: string, config: KeepConfig & { readonly environment: RawSettings }): S3Place {
  const parsed = parseS3Address(address);
  if (parsed === null) {
    throw new ErrandError(
      'invalid_input',
      `${JSON.stringify(address)} must be like s3://bucket or s3://bucket/folder.`,
    );
  }
  const { environment: env } = config;
  const accessKeyId = config.s3AccessKeyId ?? env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = config.s3SecretAccessKey ?? env['AWS_SECRET_ACCESS_KEY'];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const message =
      `To use ${address}, set ERRAND_S3_ACCESS_KEY_ID and ERRAND_S3_SECRET_ACCESS_KEY ` +
      '(or …_FILE to files that hold them, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).';
    throw new ErrandError('invalid_input', message);
  }
  const region = config.s3Region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? DEFAULT_REGION;
  const endpoint = config.s3Endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  const folder = parsed.path.replaceAll(/^\/+|\/+$/g, '');
  // A token goes with the keys of AWS's own variables alone.
  const sessionToken = config.s3AccessKeyId === null ? (env['AWS_SESSION_TOKEN'] ?? null) : null;
  return {
    endpoint: endpoint ?? `https://s3.${region}.amazonaws.com`,
    region,
    bucket: parsed.bucket,
    prefix: folder === '' ? '' : `${folder}/`,
    keys: { accessKeyId, secretAccessKey, sessionToken },
  };
}
