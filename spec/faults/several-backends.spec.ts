import { expect } from 'chai';
import { ChildBackend, runBackend } from './harness/child-backend.js';
import { get } from './harness/http-get.js';

async function bothOf(child: ChildBackend): Promise<{ a: number; b: number }> {
  const portOf = async (name: string) => {
    const { fields } = await child.line(
      line => line.message.startsWith('Listening at') && line.fields['backend'] === name,
    );
    return fields['port'] as number;
  };
  const ports = { a: await portOf('a'), b: await portOf('b') };
  await child.line(line => line.message.startsWith('Backend started') && line.fields['backend'] === 'b');
  return ports;
}

describe('Several backends in one process', () => {
  it('share one set of listeners for signals', async () => {
    await using child = new ChildBackend('several-backends');
    const { a } = await bothOf(child);

    const { text } = await get(a, '/api/probe/state');

    expect(JSON.parse(text)).to.include({ signalListeners: 1 });
  });

  it('stop together on a signal', async () => {
    await using child = new ChildBackend('several-backends');
    await bothOf(child);

    child.kill('SIGTERM');
    const { code } = await child.exit();

    expect(code).to.equal(0);
    const disposed = child.log.all
      .filter(line => line.message === 'token disposed')
      .map(line => line.fields['backend']);
    expect(disposed).to.have.members(['a', 'b']);
  });

  it('stop one without the other, which is then still stopped by a signal', async () => {
    await using child = new ChildBackend('several-backends');
    const { a } = await bothOf(child);

    child.kill('SIGUSR2');
    await child.line(line => line.message === 'Backend is stopped' && line.fields['backend'] === 'b');
    const alive = await get(a, '/api/probe/ping');
    child.kill('SIGTERM');
    const { code } = await child.exit();

    expect(alive.status).to.equal(200);
    expect(code).to.equal(0);
  });

  it('end together where the program does not catch that one of them fails to start', async () => {
    const child = await runBackend('second-fails');

    expect(child.code).to.equal(70);
    expect(child.log.text).to.include('PLUGIN_INIT_FAILED').and.to.include('the table is missing');
    expect(child.log.messages().filter(message => message === 'Backend is stopped')).to.have.length(2);
  });
});
