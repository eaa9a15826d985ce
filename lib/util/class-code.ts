const asides = /\/\*[^]*?\*\/|\/\/.*|'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`/g;

/** The text of a class as it is run, without comments and with every string empty; templates stay, since they may call. */
export function codeOf(c: object): string {
  return Function.prototype.toString.call(c).replaceAll(asides, aside => {
    const [first = ''] = aside;
    return first === '`' ? aside : first === '/' ? '' : `${first}${first}`;
  });
}
