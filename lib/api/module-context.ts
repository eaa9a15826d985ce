/** What an extension point made with `perModule: true` may inject: the module it is made for. */
export abstract class ModuleContext {
  abstract readonly moduleId: string;
  /** Reports that the module misused the extension point; the module counts as failed. */
  abstract fail(error: unknown): void;
}
