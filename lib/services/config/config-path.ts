import type { ConfigNode } from './config-node.js';

/** `a.b[1]` as `['a', 'b', 1]`; the empty path, which means everything, as `[]`. */
export function parsePath(path: string): readonly (string | number)[] {
  if (path === '') return [];
  if (!path.includes('[')) return path.split('.');
  return path.split('.').flatMap(part => {
    const indexed = /^([^[\]]*)((?:\[\d+\])+)$/.exec(part);
    if (!indexed) return part;
    const indices = indexed[2]!.slice(1, -1).split('][').map(Number);
    return indexed[1] === '' ? indices : [indexed[1]!, ...indices];
  });
}

export function joinPath(parent: string, child: string | number): string {
  if (typeof child === 'number') return `${parent}[${child}]`;
  if (parent === '' || child === '') return parent + child;
  return child.startsWith('[') ? parent + child : `${parent}.${child}`;
}

/** What is at a path, or the value on the way that has nothing below it. */
export interface Found {
  readonly node?: ConfigNode;
  readonly blockedBy?: { readonly path: string; readonly node: ConfigNode };
  /** The deepest value on the way, the one at the path included. */
  readonly nearest: { readonly path: string; readonly node: ConfigNode };
}

export function findNode(tree: ConfigNode, path: string): Found {
  let nearest = { path: '', node: tree };
  for (const segment of parsePath(path)) {
    const { node } = nearest;
    if (node.kind !== (typeof segment === 'number' ? 'list' : 'object')) return { blockedBy: nearest, nearest };
    const next = childOf(node, segment);
    if (!next) return { nearest };
    nearest = { path: joinPath(nearest.path, segment), node: next };
  }
  return { node: nearest.node, nearest };
}

function childOf(node: ConfigNode, segment: string | number): ConfigNode | undefined {
  if (typeof segment === 'number') return node.kind === 'list' ? node.items[segment] : undefined;
  return node.kind === 'object' ? node.entries.get(segment) : undefined;
}
