import { Backend } from 'backplane';

await Backend.start();
