import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const lengths = { kind: '100', name: '255', version: '255' };

export class CreateViolations1763900000000 implements MigrationInterface {
  // Its own: a bundler may change that of the class.
  readonly name = 'CreateViolations1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    const columns = Object.entries(lengths).map(([name, length]) => ({
      name,
      type: 'varchar',
      length,
      isPrimary: true,
    }));
    await runner.createTable(new Table({ name: 'violations', columns }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('violations');
  }
}
