import { Service } from '../../lib/index.js';
import { Lazy } from './default-implementation.spec.js';

@Service({ implements: Lazy })
export class LazyDefault extends Lazy {
  name(): string {
    return 'the default';
  }
}
