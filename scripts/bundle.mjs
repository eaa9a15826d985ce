// Bundles the framework into one file per entry point and shared chunks: most of a cold start is the reading of many
// small files. What stays outside is shared with the user's own code (reflect-metadata) or loaded only when asked for.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';

const entries = { index: 'lib/index', decorators: 'decorators/index', contract: 'lib/contract/index', testing: 'lib/testing/index', cli: 'lib/cli/index' };

await build({
  entryPoints: Object.entries(entries)
    .map(([out, path]) => ({ out, in: `dist/${path}.js` }))
    .filter(entry => existsSync(entry.in)),
  outdir: 'dist/bundle',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  keepNames: true,
  chunkNames: 'chunks/[name]-[hash]',
  external: ['reflect-metadata'],
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});
