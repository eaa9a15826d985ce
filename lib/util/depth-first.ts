interface Visit<N> {
  /**
   * Called when a node is reached over the nodes of `way`, outermost first. Gives what it leads to, or `undefined` where
   * that is not to be followed, be it known already or part of the way.
   */
  enter(node: N, way: readonly N[]): Iterable<N> | undefined;
  /** Called once all that a node leads to has been left. */
  leave?(node: N): void;
}

/** Walks a graph depth first, however deep it is: no stack of calls grows with it. */
export function walkDepthFirst<N>(starts: Iterable<N>, visit: Visit<N>): void {
  const way: N[] = [];
  const open: Iterator<N>[] = [starts[Symbol.iterator]()];
  while (open.length > 0) {
    const { done, value: node } = open.at(-1)!.next();
    if (done) {
      open.pop();
      if (way.length === 0) continue;
      // Not as its argument, which is not evaluated where nobody wants to know.
      const left = way.pop()!;
      visit.leave?.(left);
      continue;
    }
    const next = visit.enter(node, way);
    if (!next) continue;
    way.push(node);
    open.push(next[Symbol.iterator]());
  }
}
