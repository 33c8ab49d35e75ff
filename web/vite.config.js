import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

// Each island is a file of its own under `src/`; what it is built into has a fixed name, because the program embeds it and
// puts a hash into its address itself. `dist/` is committed, so that `cargo build` needs no Node.
const islands = ['console', 'capture', 'comparison', 'passkey'].filter((name) => existsSync(resolve(import.meta.dirname, `src/${name}.ts`)));

export default defineConfig({
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    rollupOptions: {
      input: Object.fromEntries(islands.map((name) => [name, resolve(import.meta.dirname, `src/${name}.ts`)])),
      output: { entryFileNames: '[name].js', chunkFileNames: 'shared-[name].js', assetFileNames: '[name][extname]' },
    },
  },
});
