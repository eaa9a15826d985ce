import { Backend, Get, LoggerService, Plugin, type PluginContext } from 'backplane';

@Plugin({ pluginId: 'hello' })
class HelloPlugin {
  constructor(private readonly logger: LoggerService) {}

  init(): void {
    this.logger.info('Say hello at /api/hello/world');
  }

  @Get('/:name', { allow: 'unauthenticated' })
  hello(ctx: PluginContext): { greeting: string } {
    return { greeting: `Hello, ${ctx.params['name']}!` };
  }
}

await Backend.start({ features: [HelloPlugin] });
