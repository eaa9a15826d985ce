import { expect } from 'chai';
import { describePlace } from '../lib/util/source-place.js';
import { annotationsOf } from '../decorators/annotations.js';
import { Plugin } from '../lib/index.js';

@Plugin({ pluginId: 'hello' })
class HelloPlugin {}

describe('a decorated class', () => {
  it('knows the line of its decorator', () => {
    const place = describePlace(annotationsOf(HelloPlugin)?.roles[0]?.site);

    expect(place).to.equal('spec/smoke.spec.ts:6:2');
  });
});
