/** A module that failed and must not have. */
export class ModuleFailed extends Error {
  override readonly name = 'ModuleFailed';
  readonly moduleId: string;

  constructor(moduleId: string, cause: unknown) {
    super(`module '${moduleId}' failed`, { cause });
    this.moduleId = moduleId;
  }
}
