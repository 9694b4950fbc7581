import { expect, it } from 'vitest';
import { networkFileSystemAt } from './network-file-system.js';

it('names the file systems that other machines may have too', () => {
  expect(networkFileSystemAt('/data', () => 0x6969)).toBe('NFS');
  expect(networkFileSystemAt('/data', () => 0xff534d42)).toBe('SMB (CIFS)');
  // ext4
  expect(networkFileSystemAt('/data', () => 0xef53)).toBeNull();
});

it('says nothing of a folder that cannot be looked at', () => {
  expect(networkFileSystemAt('/no/such/folder')).toBeNull();
});
