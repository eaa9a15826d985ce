// Bundles the framework into one file per entry point and shared chunks: most of a cold start is the reading of many
// small files. With --keep, what an earlier build wrote stays, for who runs it and has not loaded all of it yet. What stays outside is shared with the user's own code (reflect-metadata, typeorm), or is the user's choice
// (the drivers of databases).
import { build } from 'esbuild';
import { chmod, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { thirdPartyNotices } from './third-party-notices.mjs';
import { writeFolder } from './write-folder.mjs';

const entries = {
  index: 'lib/index',
  decorators: 'decorators/index',
  testing: 'lib/testing/index',
  cli: 'lib/cli/index',
};

/** Of databases, caches and brokers: the user's choice. */
const drivers =
  'libsql better-sqlite3 sql.js @electric-sql/pglite pg mysql2 redis @nats-io/transport-node @nats-io/jetstream'.split(
    ' ',
  );

/**
 * TypeScript compiles a decorated class to `let X = class X {`, and esbuild then calls the inner one `X2`. An anonymous
 * class takes the name of its variable, which is what errors and plans are to show. (esbuild's own `keepNames` would
 * cost a call for every closure.)
 */
const keepClassNames = {
  name: 'keep-class-names',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/(?:lib|decorators)\/.*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(/^(let (\w+) = class) \2 /gm, '$1 '),
      loader: 'js',
    }));
  },
};

const bundle = 'dist/bundle';

const shared = {
  outdir: bundle,
  bundle: true,
  format: 'esm',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  metafile: true,
  write: false,
};

const forNode = await build({
  ...shared,
  entryPoints: Object.entries(entries).map(([out, path]) => ({ out, in: `dist/${path}.js` })),
  splitting: true,
  platform: 'node',
  target: 'node20',
  plugins: [keepClassNames],
  chunkNames: 'chunks/[name]-[hash]',
  external: ['reflect-metadata', 'typeorm', ...drivers],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

// Browsers load it as well: it shares no chunk with what needs Node, and has no banner.
const forBrowsers = await build({
  ...shared,
  entryPoints: [{ out: 'contract', in: 'dist/lib/contract/index.js' }],
  platform: 'neutral',
  target: 'es2022',
});

const notices = await thirdPartyNotices([forNode.metafile, forBrowsers.metafile]);
const built = [...forNode.outputFiles, ...forBrowsers.outputFiles].map(({ path, contents }) => [path, contents]);
await writeFolder(resolve(bundle), [...built, [resolve(bundle, 'THIRD-PARTY-NOTICES.txt'), Buffer.from(notices)]], {
  keepOthers: process.argv.includes('--keep'),
});
// Installed from a folder, it is run as it is.
await chmod(resolve(bundle, 'cli.js'), 0o755);
