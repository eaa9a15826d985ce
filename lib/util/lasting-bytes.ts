/**
 * The same bytes, of which there will be as many until they are sent: in memory that may shrink Node reads on behind its
 * end. Throws a `TypeError` for those whose memory somebody else has taken.
 */
export function lastingBytes(bytes: Uint8Array): Uint8Array {
  const { resizable, growable } = bytes.buffer as { readonly resizable?: boolean; readonly growable?: boolean };
  // Bytes that were taken have no length, as if there were none.
  return resizable || growable || bytes.length === 0 ? Uint8Array.prototype.slice.call(bytes) : bytes;
}
