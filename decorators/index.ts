export type { Allow } from '../lib/contract/allow.js';
export type {
  ControllerOptions,
  CreationOptions,
  ImplementationOptions,
  ModuleOptions,
  PluginOptions,
  WrapperOptions,
} from './annotations.js';
export { configOf } from './config-of.js';
export { Controller, type ControllerOf } from './controller.js';
export { ExtensionPoint } from './extension-point.js';
export { FeatureLoader } from './feature-loader.js';
export { HealthCheck, type HealthCheckOptions } from './health-check.js';
export { Inject, InjectAll, Optional } from './inject.js';
export { Injectable } from './injectable.js';
export { Module } from './module.js';
export { Operation, type OperationHandler } from './operation.js';
export { Plugin } from './plugin.js';
export { createExtensionPoint, createServiceRef, type ServiceRefDeclaration } from './refs.js';
export { Delete, Get, Patch, Post, Put, type HttpMethod, type RouteOptions } from './routes.js';
export { Scheduled } from './scheduled.js';
export { Service } from './service.js';
export { Subscribe } from './subscribe.js';
export type {
  AbstractClass,
  Class,
  ExtensionPointDeclaration,
  ExtensionPointRef,
  ExtensionPointToken,
  InstancesOf,
  Scope,
  ServiceDeclaration,
  ServiceRef,
  ServiceToken,
  Token,
} from './tokens.js';
export { Use } from './use.js';
export { Webhook } from './webhook.js';
