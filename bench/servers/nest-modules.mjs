import 'reflect-metadata';
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { pluginIds } from './arguments.mjs';

/** A module with a controller and an injectable; its decorators are called as functions, so nothing is to be compiled. */
function moduleOf(pluginId) {
  class Greeter {
    greet() {
      return { hello: pluginId };
    }
  }
  Injectable()(Greeter);

  class GreetingController {
    constructor(greeter) {
      this.greeter = greeter;
    }
    hello() {
      return this.greeter.greet();
    }
  }
  Inject(Greeter)(GreetingController, undefined, 0);
  const { prototype } = GreetingController;
  Get('hello')(prototype, 'hello', Object.getOwnPropertyDescriptor(prototype, 'hello'));
  Controller(`api/${pluginId}`)(GreetingController);

  class GreetingModule {}
  Module({ controllers: [GreetingController], providers: [Greeter] })(GreetingModule);
  return GreetingModule;
}

export class ApplicationModule {}
Module({ imports: pluginIds.map(moduleOf) })(ApplicationModule);
