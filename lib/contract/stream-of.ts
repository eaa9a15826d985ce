/** Bytes that come bit by bit, as the body that `fetch` and its like take; what nobody reads is not asked for. */
export function streamOf(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const reading = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reading.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await reading.return?.();
      },
    },
    // Else a stream asks for its first part as soon as it is made.
    { highWaterMark: 0 },
  );
}
