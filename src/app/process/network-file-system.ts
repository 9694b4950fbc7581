import { statfsSync } from 'node:fs';

/** By the number that Linux gives each kind of file system (`statfs`). */
const NETWORK: { readonly [type: number]: string } = {
  0x69_69: 'NFS',
  0x51_7b: 'SMB',
  0xff_53_4d_42: 'SMB (CIFS)',
  0xfe_53_4d_42: 'SMB',
  0x01_02_19_97: '9p',
  0x00_c3_64_00: 'Ceph',
  0x53_46_41_4f: 'AFS',
  0x7461636f: 'OCFS2',
  0x0b_d0_0b_d0: 'Lustre',
  0x47_50_46_53: 'GPFS',
};

/**
 * What the file system of a folder is called when other machines may have it too; null for one of this machine, or none
 * that is known.
 */
export function networkFileSystemAt(folder: string, typeOf: (path: string) => number = readType): string | null {
  try {
    return NETWORK[typeOf(folder)] ?? null;
  } catch {
    return null;
  }
}

function readType(path: string): number {
  // Some of the numbers are read as negative.
  return process.platform === 'linux' ? statfsSync(path).type >>> 0 : 0;
}
