import { readFile } from 'node:fs/promises';
import type { PluginRequest, RootHttpRouterService } from '../../api/http-services.js';
import { KeptText, refuseWriting } from './kept-text.js';

const path = '/.backplane/docs';

/** What the page is made of. It reads the document like anybody else, so anybody may have it. */
const files = {
  [path]: ['index.html', 'text/html; charset=utf-8'],
  [`${path}/docs.css`]: ['docs.css', 'text/css; charset=utf-8'],
  [`${path}/docs.js`]: ['docs.js', 'text/javascript; charset=utf-8'],
} as const;

const headers = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
};

/** Adds the page that shows the document of the backend to people; its files are read when they are asked for. */
export function addDocsPage(router: RootHttpRouterService): void {
  for (const [at, [file, contentType]] of Object.entries(files)) {
    let text: Promise<KeptText> | undefined;
    const handle = async (request: PluginRequest): Promise<void> => {
      refuseWriting(request);
      text ??= read(file, contentType).catch((error: unknown) => {
        text = undefined;
        throw error;
      });
      (await text).send(request, headers);
    };
    router.addRootEndpoint({ path: at, handle });
  }
  router.addRootEndpoint({ path: `${path}/`, handle: request => Promise.resolve(redirect(request)) });
}

/** Paths have one spelling, and people another; relative, since a proxy may have put something in front of it. */
function redirect(request: PluginRequest): void {
  refuseWriting(request);
  request.res.writeHead(308, { Location: '../docs', 'Content-Length': 0, 'Cache-Control': 'no-cache' }).end();
}

async function read(file: string, contentType: string): Promise<KeptText> {
  return new KeptText(await readFile(new URL(`assets/docs/${file}`, await packageFolder()), 'utf8'), contentType);
}

/** Ours, whether this file runs by itself or in a bundle. */
async function packageFolder(): Promise<URL> {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    const manifest = await readFile(new URL('package.json', folder), 'utf8').catch(() => '{}');
    if ((JSON.parse(manifest) as { name?: unknown }).name === 'backplane') return folder;
    if (folder.pathname === '/') throw new Error(`There is no package 'backplane' above ${import.meta.url}`);
  }
}
