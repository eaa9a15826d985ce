/** What every server here is told on its command line: how many plugins it has, and where it listens. */
const [plugins, listenPort] = process.argv.slice(2).map(Number);

export const pluginIds = Array.from({ length: plugins }, (_, index) => `p${index + 1}`);
export const host = '127.0.0.1';
export const port = listenPort;
