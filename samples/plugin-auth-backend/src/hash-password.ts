import { createInterface } from 'node:readline/promises';
import { hashPassword } from './password-hash.js';

const lines = createInterface({ input: process.stdin, output: process.stderr });
process.stdout.write(`${await hashPassword(await lines.question('Password: '))}\n`);
lines.close();
