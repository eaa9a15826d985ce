import { Backend, Get, Injectable, LoggerService, Plugin, type PluginContext } from 'backplane';

@Injectable()
class Greeter {
  constructor(private readonly logger: LoggerService) {}

  greet(name: string): string {
    this.logger.info(`Greeting ${name}`);
    return `Hello, ${name}!`;
  }
}

@Plugin({ pluginId: 'hello' })
class HelloPlugin {
  constructor(private readonly greeter: Greeter) {}

  @Get('/:name', { allow: 'unauthenticated' })
  hello(ctx: PluginContext): { greeting: string } {
    return { greeting: this.greeter.greet(ctx.params['name'] ?? 'world') };
  }
}

await Backend.start({ features: [HelloPlugin] });
