/** For a program whose output may be cut off (`npm run sizes | head`): what it finds still decides how it ends. */
export function allowCutOutput() {
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
