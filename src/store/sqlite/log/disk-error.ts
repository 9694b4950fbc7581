/** What went wrong in a thread that waits for the disk, with the code of the system (`ENOSPC`) or of SQLite. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: string | undefined;
  readonly errcode: number | undefined;

  constructor({
    message,
    code,
    errcode,
  }: {
    message: string;
    code?: string | undefined;
    errcode?: number | undefined;
  }) {
    super(message);
    this.code = code;
    this.errcode = errcode;
  }
}
