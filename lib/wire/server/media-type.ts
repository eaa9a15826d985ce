/** Whether a `Content-Type` is what is asked for. */
export type AcceptsType = (contentType: string | undefined) => boolean;

/** JSON, by whatever name ends in it, and in UTF-8 only. */
export const isJson: AcceptsType = contentType => {
  if (contentType === 'application/json') return true;
  if (contentType === undefined) return false;
  const [, type, parameters] = /^([^;]*)(.*)$/s.exec(contentType)!;
  return (
    /^application\/(?:json|[\w!#$&^.+-]+\+json)\s*$/i.test(type!) &&
    parameters!
      .split(';')
      .every(parameter => !/^\s*charset\b/i.test(parameter) || /^\s*charset=("?)utf-8\1\s*$/i.test(parameter))
  );
};

/** The media type `expected`, whatever its parameters. */
export function isType(expected: string): AcceptsType {
  const wanted = bare(expected);
  return contentType => contentType !== undefined && bare(contentType) === wanted;
}

function bare(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase();
}
