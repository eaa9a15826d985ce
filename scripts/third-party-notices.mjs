import { readdir, readFile } from 'node:fs/promises';

/**
 * What the licences of bundled packages ask for: name, version, licence and its text, of each package that has
 * something in the bundle, by esbuild's account. Throws where a package has no licence.
 */
export async function thirdPartyNotices(metafiles) {
  const files = metafiles.flatMap(({ outputs }) => Object.values(outputs)).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(files.flatMap(file => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const notices = await Promise.all([...folders].toSorted((a, b) => a.localeCompare(b)).map(noticeOf));
  const head = 'The bundle holds parts of these packages, each under the licence that follows its name.\n';
  return [head, ...new Set(notices)].join(`\n${'-'.repeat(80)}\n\n`);
}

async function noticeOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const names = (await readdir(folder)).filter(file => /^(?:licen[cs]e|copying|notice)/i.test(file)).toSorted();
  const texts = await Promise.all(names.map(file => readFile(`${folder}/${file}`, 'utf8')));
  if (texts.length === 0 && license) texts.push(`(${name} names its licence, ${license}, and carries no text of it.)`);
  if (texts.length === 0) throw new Error(`${name} ${version} has no licence`);
  return `${name} ${version} (${license})\n\n${texts.map(text => text.trim()).join('\n\n')}\n`;
}
