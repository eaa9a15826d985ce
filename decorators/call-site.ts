/** Where a decorator was called, as Node runs it: source maps are applied only when somebody reads the place. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

type Callee = (...args: never[]) => unknown;

/**
 * The place that called `callee`.
 *
 * Frames are counted from `callee` and not matched by file name, so this works alike in the bundle, in the
 * compiled tree and for a copy of the framework in an odd place.
 */
export function callSiteOf(callee: Callee): CallSite | undefined {
  return framesAbove(callee, 1)[0];
}

/**
 * The place that has led to what is being done by the code in `folder`, a URL, as far as V8 knows who waits for it. For
 * failures: it takes a while.
 */
export function callSiteOutside(folder: string): CallSite | undefined {
  return framesAbove(callSiteOutside, 100).find(({ file }) => !file.startsWith('node:') && !file.startsWith(folder));
}

function framesAbove(callee: Callee, limit: number): CallSite[] {
  // oxlint-disable-next-line typescript/unbound-method -- it is put back where it was, and called by V8 only.
  const { stackTraceLimit, prepareStackTrace } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = (_error, frames) => frames;
    Error.captureStackTrace(holder, callee);
    return (holder.stack as NodeJS.CallSite[]).flatMap(frame => {
      const file = frame.getFileName() ?? frame.getScriptNameOrSourceURL();
      return file ? [{ file, line: frame.getLineNumber() ?? 1, column: frame.getColumnNumber() ?? 1 }] : [];
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}
