import type { Class } from '../../decorators/tokens.js';
import type { Problem } from '../errors/problem.js';
import type { Catalogue } from './catalogue.js';
import { checkCycles } from './checks/cycles.js';
import { ExtensionPointIndex } from './extension-points.js';
import { GraphBuilder, type ReadSection } from './graph-builder.js';
import { resolveParameters } from './resolve-parameters.js';
import { trailOf } from './trail.js';
import type { Dependency, UnitTable } from './unit.js';

/** What a feature loader needs of the root services that are known before it has run. */
export interface LoaderPlan {
  readonly catalogue: Catalogue;
  readonly root: UnitTable;
  readonly dependencies: readonly Dependency[];
  readonly problems: readonly Problem[];
}

/** Plans the root services a feature loader depends on, and nothing else. */
export function planLoader(catalogue: Catalogue, loader: Class, readSection: ReadSection): LoaderPlan {
  const problems: Problem[] = [];
  const report = (problem: Problem) => problems.push(problem);
  const graph = new GraphBuilder(catalogue, new ExtensionPointIndex(catalogue, report), readSection, report);
  const record = catalogue.reader.read(loader);
  const owner = { kind: 'loader' as const, name: record.name };
  const dependencies = resolveParameters(
    record,
    {
      owner,
      scope: 'root',
      table: graph.root,
      trail: trailOf(owner, record.site),
      privates: new Map(),
    },
    graph,
  );
  graph.settle();
  checkCycles(graph.root, report, new Set());
  return { catalogue, root: graph.root, dependencies, problems };
}
