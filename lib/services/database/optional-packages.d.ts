// Drivers that users may have installed. What is used of them is said where they are loaded.
declare module 'better-sqlite3' {
  const library: unknown;
  export default library;
}
declare module 'sql.js' {
  const library: unknown;
  export default library;
}
declare module 'pg' {
  const library: unknown;
  export default library;
}
