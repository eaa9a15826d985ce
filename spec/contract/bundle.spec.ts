import { expect } from 'chai';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

/** The file that `package.json` names, not the one it is made from. */
const entry = fileURLToPath(import.meta.resolve('backplane/contract'));

describe('backplane/contract', () => {
  it('bundles for a browser, and imports nothing', async () => {
    const { outputFiles, metafile, warnings } = await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });

    expect(warnings).to.deep.equal([]);
    expect(Object.keys(metafile.inputs)).to.have.length(1);
    expect(Object.values(metafile.outputs).flatMap(output => output.imports)).to.deep.equal([]);
    expect(outputFiles[0]?.text)
      .to.include('isErrorBody')
      .and.not.match(/\b(?:require|process|Buffer|globalThis)\b/);
  });

  it('gives a browser what declares apis and what calls them, and nothing else that runs', async () => {
    const contract: unknown = await import('backplane/contract');

    expect(Object.keys(contract as object)).to.have.members([
      'ContractError',
      'RemoteError',
      'createClient',
      'defineApi',
      'defineTopic',
      'del',
      'get',
      'isErrorBody',
      'isRemoteError',
      'jsonSchemaOf',
      'patch',
      'post',
      'put',
      'raw',
    ]);
  });

  it('cannot be bundled for a browser where it uses Node, which is how the first fact can fail', async () => {
    const stdin = { contents: `import { readFileSync } from 'node:fs'; readFileSync('a');`, loader: 'ts' as const };

    const bundled = await build({ stdin, bundle: true, platform: 'browser', write: false, logLevel: 'silent' }).then(
      () => 'bundled',
      () => 'refused',
    );

    expect(bundled).to.equal('refused');
  });
});
