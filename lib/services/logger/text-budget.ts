/** How many bytes `text` takes as part of a JSON string, and how much of it fits into `limit` bytes. */
export function fit(text: string, limit: number): { readonly length: number; readonly bytes: number } {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const size = sizeOf(text.charCodeAt(i));
    if (bytes + size > limit) {
      // Never between the halves of a surrogate pair.
      const half = i > 0 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
      return { length: half ? i - 1 : i, bytes };
    }
    bytes += size;
  }
  return { length: text.length, bytes };
}

function sizeOf(code: number): number {
  if (code < 0x20) return 6;
  if (code < 0x7f) return code === 0x22 || code === 0x5c ? 2 : 1;
  if (code < 0xa0 || code === 0x2028 || code === 0x2029) return 6;
  if (code < 0x800) return 2;
  // A lone half of a surrogate pair is escaped.
  return code >= 0xd800 && code <= 0xdfff ? 6 : 3;
}
