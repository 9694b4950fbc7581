import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

const src = (path) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));

/** `scripts/build/console.mjs` builds it. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The page is served below whatever address the server has.
  base: './',
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@api': src('api'), '@core': src('core') } },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The policy of the page lets no data: address run or style it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: false,
    reportCompressedSize: false,
    // A slow machine is no fault of the build's.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
