/** Where a decorator was called, as Node runs it: source maps are applied only when somebody reads the place. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The place that called `callee`.
 *
 * Frames are counted from `callee` and not matched by file name, so this works alike in the bundle, in the
 * compiled tree and for a copy of the framework in an odd place.
 */
export function callSiteOf(callee: (...args: never[]) => unknown): CallSite | undefined {
  // oxlint-disable-next-line typescript/unbound-method -- it is put back where it was, and called by V8 only.
  const { stackTraceLimit, prepareStackTrace } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = firstFrame;
    Error.captureStackTrace(holder, callee);
    const frame = holder.stack as NodeJS.CallSite | undefined;
    const file = frame?.getFileName() ?? frame?.getScriptNameOrSourceURL();
    return file ? { file, line: frame?.getLineNumber() ?? 1, column: frame?.getColumnNumber() ?? 1 } : undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

function firstFrame(_error: Error, [frame]: readonly NodeJS.CallSite[]): NodeJS.CallSite | undefined {
  return frame;
}
