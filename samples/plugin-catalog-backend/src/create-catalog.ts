import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const text = (name: string, isNullable = false) => ({ name, type: 'text', isNullable });
const varchar = (name: string, length: number, more: object = {}) => ({
  name,
  type: 'varchar',
  length: String(length),
  ...more,
});

export class CreateCatalog1763800000000 implements MigrationInterface {
  // Its own: a bundler may change that of the class.
  readonly name = 'CreateCatalog1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'entities',
        columns: [
          varchar('id', 64, { isPrimary: true }),
          varchar('kind', 100),
          varchar('name', 255),
          varchar('version', 255, { isNullable: true }),
          ...['title', 'license', 'description', 'homepage', 'owner'].map(name => text(name, true)),
          ...['source', 'sort_key', 'words'].map(name => text(name)),
          varchar('digest', 64),
          varchar('provider', 255),
          varchar('reading', 36),
        ],
        indices: [{ columnNames: ['kind', 'name'] }, { columnNames: ['name'] }, { columnNames: ['provider'] }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'dependencies',
        columns: [
          varchar('entity_id', 64, { isPrimary: true }),
          { name: 'position', type: 'integer', isPrimary: true },
          varchar('name', 255),
          text('range', true),
        ],
        indices: [{ columnNames: ['name'] }],
        foreignKeys: [
          {
            columnNames: ['entity_id'],
            referencedTableName: 'entities',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'locations',
        columns: [
          varchar('id', 36, { isPrimary: true }),
          text('folder'),
          varchar('registered_by', 255),
          varchar('registered_at', 24),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['locations', 'dependencies', 'entities']) await runner.dropTable(table);
  }
}
