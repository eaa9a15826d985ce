import { expect } from 'chai';
import { loggerFixture } from './logger-fixture.js';

describe('the log in development', () => {
  it('is one readable line', async () => {
    const { logger, output } = await loggerFixture({ mode: 'development' });

    logger.child({ plugin: 'catalog' }).info('refreshed', { entities: 12, took: { ms: 5 } });

    expect(output.text).to.match(/^\d\d:\d\d:\d\d\.\d{3} info {2}catalog refreshed entities=12 took=\{"ms":5\}\n$/);
  });

  it('has colours on a terminal', async () => {
    const { logger, output } = await loggerFixture({ mode: 'development', isTTY: true });

    logger.error('oh');

    expect(output.text).to.contain('\u001b[31merror\u001b[0m');
  });

  it('has no colours elsewhere, or where NO_COLOR is set', async () => {
    const file = await loggerFixture({ mode: 'development' });
    const terminal = await loggerFixture({ mode: 'development', isTTY: true, environment: { NO_COLOR: '1' } });

    file.logger.error('oh');
    terminal.logger.error('oh');

    expect(file.output.text).not.to.contain('\u001b');
    expect(terminal.output.text).not.to.contain('\u001b');
  });

  it('has the stacks of an error, its causes and its parts below, indented', async () => {
    const { logger, output } = await loggerFixture({ mode: 'development' });
    const cause = new AggregateError([new Error('first\nforged'), 'second'], 'several');

    logger.error('no', Object.assign(new Error('outer', { cause }), { code: 'E1' }));

    const [line, ...below] = output.lines;
    expect(line).to.match(/error no$/);
    expect(below[0]).to.equal('    Error: outer');
    expect(below[1]).to.match(/^ {8}at /);
    expect(below).to.include('      code=E1').and.include('      cause: AggregateError: several');
    expect(below).to.include('        errors[0]: Error: first').and.include('        errors[1]: second');
    expect(below.every(text => text.startsWith('    '))).to.equal(true);
  });
});
