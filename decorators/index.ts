export type {
  ControllerOptions,
  CreationOptions,
  ImplementationOptions,
  ModuleOptions,
  PluginOptions,
  WrapperOptions,
} from './annotations.js';
export { configOf } from './config-of.js';
export { Controller } from './controller.js';
export { ExtensionPoint } from './extension-point.js';
export { FeatureLoader } from './feature-loader.js';
export { HealthCheck, type HealthCheckOptions } from './health-check.js';
export { Inject, InjectAll, Optional } from './inject.js';
export { Injectable } from './injectable.js';
export { Module } from './module.js';
export { Plugin } from './plugin.js';
export { createExtensionPoint, createServiceRef } from './refs.js';
export { Delete, Get, Patch, Post, Put, type Allow, type HttpMethod, type RouteOptions } from './routes.js';
export { Service } from './service.js';
export type {
  AbstractClass,
  Class,
  ExtensionPointDeclaration,
  ExtensionPointRef,
  InstancesOf,
  Scope,
  ServiceDeclaration,
  ServiceRef,
  Token,
} from './tokens.js';
export { Use } from './use.js';
