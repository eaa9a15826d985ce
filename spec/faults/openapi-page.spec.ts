import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { RootHttpRouterService } from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';
import { ToyShopPlugin, WarehousePlugin } from '../wire/openapi/everything.js';

const executablePath = '/usr/bin/chromium';
const token = 'a-token-that-is-known-to-every-plugin';

describe('The page that shows the OpenAPI document', () => {
  let browser: Browser;

  before(async () => {
    if (!existsSync(executablePath)) throw new Error(`needs ${executablePath}: apt-get install chromium`);
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });

  after(() => browser?.close());

  /** A page of a running backend, and what went wrong in it. */
  async function open(
    check: (page: Page, complaints: readonly string[]) => Promise<void>,
    { openapi = 'public', colorScheme = 'light' }: { openapi?: string; colorScheme?: 'light' | 'dark' } = {},
  ): Promise<void> {
    await using backend = await TestBackend.start({
      features: [WarehousePlugin, ToyShopPlugin],
      config: {
        backend: {
          openapi,
          listen: { host: '127.0.0.1', port: 0 },
          auth: { externalAccess: [{ type: 'static', options: { token, subject: 'ci' } }] },
        },
      },
    });
    const { port } = backend.get(RootHttpRouterService).address!;
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', error => complaints.push(error.message));
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('request', request => {
      if (!request.url().startsWith(`http://127.0.0.1:${port}/`) && !request.url().startsWith('data:'))
        complaints.push(`asks ${request.url()}`);
    });
    try {
      await page.goto(`http://127.0.0.1:${port}/.backplane/docs`);
      await check(page, complaints);
    } finally {
      await context.close();
    }
  }

  const status = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();

  it('lists plugins, operations and schemas, and asks nobody else', () =>
    open(async (page, complaints) => {
      await status(page, '15 operations of 2 plugins.');

      const plugins = await page.getByRole('navigation').getByRole('link').allTextContents();
      expect(plugins).to.deep.equal(['toy-shop', 'warehouse', 'Schemas']);
      const titles = (await page.locator('#warehouse\\.getThing > summary').textContent())!;
      expect(titles).to.equal('GET/api/warehouse/things/{kind}/{name} Gives one thing — anybody');
      expect(await page.locator('#schema-warehouse\\.Thing').count()).to.equal(1);
      expect(complaints).to.deep.equal([]);
    }));

  it('says of an operation what it takes and answers, who may call it, and how', () =>
    open(async (page, complaints) => {
      await status(page, 'operations');
      await page.locator('#warehouse\\.addThing > summary').click();
      await page.locator('#warehouse\\.changeThing > summary').click();

      const added = (await page.locator('#warehouse\\.addThing').textContent())!;
      expect(added).to.contain('Who may call: anybody').and.contain('warehouse.ThingInput').and.contain('201 Created');
      expect(added).to.match(/curl -X POST 'http:\/\/127\.0\.0\.1:\d+\/api\/warehouse\/things'/);
      expect(added).to.contain(`-d '{"ref":{"kind":"text","name":"text"},"state":"new","parts":[],"note":"text"}'`);
      const changed = (await page.locator('#warehouse\\.changeThing').textContent())!;
      expect(changed).to.contain('plugins and services').and.contain('-H "Authorization: Bearer $TOKEN"');
      expect(complaints).to.deep.equal([]);
    }));

  it('shows what is markup elsewhere as the text that it is', () =>
    open(async (page, complaints) => {
      await status(page, 'operations');
      await page.locator('#toy-shop\\.getThing > summary').click();
      // It is written when it opens.
      await page.locator('#toy-shop\\.getThing').getByText('</script><script>').first().waitFor();

      expect(await page.locator('#toy-shop\\.getThing').textContent())
        .to.contain('<img src=x onerror=')
        .and.contain('</script><script>');
      expect(await page.title()).to.equal('API');
      expect(await page.locator('img, main script').count()).to.equal(0);
      expect(complaints).to.deep.equal([]);
    }));

  it('works with the keyboard alone', () =>
    open(async page => {
      await status(page, 'operations');
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').textContent()).to.equal('Skip to the operations');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');

      expect(await page.locator('details[open]').getAttribute('id')).to.equal('toy-shop.getThing');
    }));

  it('filters the operations, and says how many are left', () =>
    open(async page => {
      await status(page, 'operations');
      await page.getByLabel('Filter').fill('icon');
      await status(page, '2 operations.');

      expect(await page.locator('#warehouse\\.getIcon').isVisible()).to.be.true;
      expect(await page.locator('#warehouse\\.getThing').isVisible()).to.be.false;
    }));

  it('opens the schema that a link names', () =>
    open(async (page, complaints) => {
      await status(page, 'operations');
      await page.locator('#toy-shop\\.getThing > summary').click();
      await page.locator('#toy-shop\\.getThing').getByText('200').click();
      await page.getByRole('link', { name: 'toy-shop.Thing' }).click();

      await page.locator('#schema-toy-shop\\.Thing[open]').getByText('toy: boolean').waitFor();
      expect(complaints).to.deep.equal([]);
    }));

  it('copies the curl', () =>
    open(async page => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await status(page, 'operations');
      await page.locator('#warehouse\\.nothing > summary').click();
      await page.locator('#warehouse\\.nothing').getByRole('button', { name: 'Copy curl' }).click();
      await status(page, 'Copied.');

      expect(await page.evaluate('navigator.clipboard.readText()')).to.contain("curl -X GET 'http://127.0.0.1:");
    }));

  it('is dark for those who like that, and readable in both', async () => {
    const colours: string[][] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await open(
        async page => {
          const told = await page.evaluate('[getComputedStyle(document.body)].map(s => [s.backgroundColor, s.color])');
          colours.push(...(told as string[][]));
        },
        { colorScheme },
      );
    }

    for (const [back = '', text = ''] of colours) expect(contrast(back, text)).to.be.greaterThan(7);
    expect(luminance(colours[0]![0]!)).to.be.greaterThan(luminance(colours[1]![0]!));
  });

  it('asks for a token where the document is protected', () =>
    open(
      async page => {
        await status(page, 'The document asks for a token.');
        await page.getByLabel('Bearer token').fill('wrong');
        await page.keyboard.press('Enter');
        await status(page, 'That token is not accepted.');
        await page.getByLabel('Bearer token').fill(token);
        await page.getByRole('button', { name: 'Read' }).click();

        await status(page, '15 operations of 2 plugins.');
        expect(await page.getByLabel('Bearer token').isVisible()).to.be.false;
      },
      { openapi: 'protected' },
    ));

  it('runs no script and no style but its own', () =>
    open(async (page, complaints) => {
      await status(page, 'operations');
      await page.evaluate(
        `document.body.insertAdjacentHTML('beforeend', '<p style="color: red">a</p><img src="/x" onerror="document.title = 1">')`,
      );
      await page.waitForTimeout(200);

      expect(await page.title()).to.equal('API');
      expect(complaints.some(text => text.includes('Content Security Policy'))).to.be.true;
    }));
});

/** As WCAG measures it. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(part => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
