// Shows the document of the backend. Whatever the document says gets into the page as text only, never as markup.
const page = id => document.getElementById(id);
const status = page('status');

/** An element; children are elements or texts, attributes that are undefined are left out. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(child => child !== undefined && child !== ''));
  return element;
}

const texts = (...all) => all.filter(Boolean).join(' ');

/** Details whose inside is made when it is first opened: a backend may have thousands. */
function folded(id, summary, inside) {
  const details = make('details', { id }, make('summary', {}, ...summary));
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) details.append(make('div', {}, ...inside()));
  });
  return details;
}

// What schemas say, for people.

const schemaId = name => `schema-${name}`;

function reference(ref) {
  const name = ref.slice(ref.lastIndexOf('/') + 1);
  return make('a', { href: `#${encodeURIComponent(schemaId(name))}` }, name);
}

function joined(parts, between) {
  return parts.flatMap((part, index) => (index === 0 ? [part].flat() : [between, part].flat()));
}

/** A schema as texts and links, much as TypeScript writes types. */
function typeOf(schema, indent = '') {
  if (schema === undefined || schema === true) return ['any'];
  if (schema === false) return ['never'];
  if (schema.$ref) return [reference(schema.$ref)];
  if ('const' in schema) return [JSON.stringify(schema.const)];
  if (schema.enum) return [schema.enum.map(value => JSON.stringify(value)).join(' | ')];
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (several) {
    const between = schema.allOf ? ' & ' : ' | ';
    return joined(
      several.map(part => typeOf(part, indent)),
      between,
    );
  }
  if (schema.properties || schema.additionalProperties) return objectOf(schema, indent);
  if (schema.prefixItems) {
    const parts = schema.prefixItems.map(item => typeOf(item, indent));
    return ['[', ...joined(parts, ', '), ']'];
  }
  if (schema.items) return ['(', ...typeOf(schema.items, indent), ')[]'];
  const type = [schema.type ?? 'any'].flat().join(' | ');
  return [schema.format ? `${type} (${schema.format})` : type];
}

function objectOf({ properties = {}, required = [], additionalProperties }, indent) {
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, member]) => [
    `${inner}${name}${required.includes(name) ? '' : '?'}: `,
    ...typeOf(member, inner),
    ...(member.default === undefined ? [] : [` = ${JSON.stringify(member.default)}`]),
    ...(member.description ? [make('span', { class: 'faint' }, `  // ${member.description}`)] : []),
    '\n',
  ]);
  if (additionalProperties) members.push([`${inner}[name]: `, ...typeOf(additionalProperties, inner), '\n']);
  return ['{\n', ...members.flat(), `${indent}}`];
}

const described = schema => make('pre', { tabindex: '0' }, ...typeOf(schema));

/** A value that could be sent, to begin with. */
function exampleOf(schema, resolve, depth = 0) {
  const found = schema?.$ref ? resolve(schema.$ref) : schema;
  if (typeof found !== 'object' || depth > 4) return null;
  if ('default' in found) return found.default;
  if (found.examples?.length > 0) return found.examples[0];
  if ('const' in found) return found.const;
  if (found.enum) return found.enum[0];
  const part = found.anyOf?.[0] ?? found.oneOf?.[0];
  if (part) return exampleOf(part, resolve, depth + 1);
  if (found.allOf) return Object.assign({}, ...found.allOf.map(one => exampleOf(one, resolve, depth + 1)));
  if (found.properties) {
    const names = Object.keys(found.properties).filter(name => found.required?.includes(name));
    return Object.fromEntries(names.map(name => [name, exampleOf(found.properties[name], resolve, depth + 1)]));
  }
  const plain = { array: [], object: {}, boolean: true, integer: 1, number: 1, string: 'text' };
  return plain[[found.type].flat()[0]] ?? null;
}

// Operations.

const callers = { user: 'users', service: 'plugins and services', 'user-cookie': 'users, by their cookie' };

function whoMayCall(security) {
  const kinds = security.flatMap(one => Object.keys(one));
  return kinds.length === 0 ? 'anybody' : kinds.map(kind => callers[kind] ?? kind).join(', ');
}

const quoted = text => `'${text.replaceAll("'", `'\\''`)}'`;

function curlOf({ method, path, operation, server, resolve }) {
  const required = (operation.parameters ?? []).filter(parameter => parameter.required && parameter.in === 'query');
  const query = required.map(({ name }) => `${encodeURIComponent(name)}=…`).join('&');
  const lines = [`curl -X ${method.toUpperCase()} ${quoted(`${server}${path}${query && `?${query}`}`)}`];
  const kinds = operation.security.flatMap(one => Object.keys(one));
  if (kinds.includes('user') || kinds.includes('service')) lines.push('-H "Authorization: Bearer $TOKEN"');
  else if (kinds.includes('user-cookie')) lines.push('-H "Cookie: backplane-auth=$TOKEN"');
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (type) lines.push(`-H ${quoted(`Content-Type: ${type}`)}`);
  if (type === 'application/json') lines.push(`-d ${quoted(JSON.stringify(exampleOf(content.schema, resolve)))}`);
  else if (type) lines.push('--data-binary @file');
  return lines.join(' \\\n  ');
}

function parameterTable(parameters) {
  const row = ({ name, in: place, required, schema, description }) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, make('code', {}, name)),
      make('td', {}, texts(place, required ? '' : '(optional)')),
      make('td', {}, make('code', {}, ...typeOf(schema))),
      make(
        'td',
        {},
        texts(description, schema?.default === undefined ? '' : `Default: ${JSON.stringify(schema.default)}`),
      ),
    );
  const heads = ['Name', 'In', 'Type', 'About'].map(head => make('th', { scope: 'col' }, head));
  return make(
    'table',
    {},
    make('caption', { class: 'faint' }, 'Parameters'),
    make('thead', {}, make('tr', {}, ...heads)),
    make('tbody', {}, ...parameters.map(row)),
  );
}

function contentsOf(content = {}) {
  return Object.entries(content).flatMap(([type, { schema }]) => [
    make('p', { class: 'faint' }, type),
    described(schema),
  ]);
}

function copyable(text) {
  const button = make('button', { type: 'button' }, 'Copy curl');
  const pre = make('pre', { tabindex: '0' }, text);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = 'Copied.';
    } catch {
      // Not every browser lets a page copy; then it is at least selected.
      getSelection().selectAllChildren(pre);
      status.textContent = 'Selected; copy it with the keyboard.';
    }
  });
  return [pre, button];
}

function operationView(call) {
  const { method, path, operation, resolve } = call;
  const { operationId, summary, description, parameters, requestBody, responses, security } = operation;
  const inside = () => [
    description && make('p', { class: 'text' }, description),
    make('p', {}, make('strong', {}, 'Who may call: '), whoMayCall(security)),
    parameters && parameterTable(parameters),
    ...(requestBody
      ? [make('h4', {}, texts('Body', requestBody.required ? '' : '(optional)')), ...contentsOf(requestBody.content)]
      : []),
    make('h4', {}, 'Answers'),
    ...Object.entries(responses).map(([code, response]) => {
      const found = response.$ref ? resolve(response.$ref) : response;
      const title = [make('code', {}, code), ' ', found.description];
      return folded(undefined, title, () => contentsOf(found.content));
    }),
    make('h4', {}, 'curl'),
    ...copyable(curlOf(call)),
  ];
  const title = [
    make('span', { class: 'method' }, method.toUpperCase()),
    make('code', {}, path),
    ' ',
    summary ?? operationId,
    make('span', { class: 'faint' }, ` — ${whoMayCall(security)}`),
  ];
  const view = folded(operationId, title, () => inside().filter(Boolean));
  view.dataset.words = texts(method, path, operationId, summary).toLowerCase();
  return view;
}

// The page.

const methods = ['get', 'put', 'post', 'delete', 'patch'];

function show(api) {
  const resolve = ref =>
    ref
      .split('/')
      .slice(1)
      .reduce((place, key) => place?.[key], api);
  const server = new URL(api.servers[0].url, location.href).href.replace(/\/$/, '');
  const byPlugin = new Map(api.tags.map(({ name }) => [name, []]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods.filter(one => item[one])) {
      const operation = item[method];
      byPlugin.get(operation.tags[0])?.push(operationView({ method, path, operation, server, resolve }));
    }
  }
  const schemas = Object.entries(api.components.schemas).map(([name, schema]) => {
    const inside = () => [schema.description && make('p', { class: 'text' }, schema.description), described(schema)];
    return folded(schemaId(name), [make('code', {}, name)], () => inside().filter(Boolean));
  });
  const sections = [...byPlugin].map(([name, views]) => section(`plugin-${name}`, name, views));
  sections.push(section('schemas', 'Schemas', schemas));
  page('content').replaceChildren(...sections);
  const links = sections.map(one =>
    make('li', {}, make('a', { href: `#${encodeURIComponent(one.id)}` }, one.firstChild.textContent)),
  );
  page('plugins').replaceChildren(make('ul', {}, ...links));
  const count = [...byPlugin.values()].flat().length;
  status.textContent = `${count} operations of ${byPlugin.size} plugins.`;
  page('filter').addEventListener('input', event => filter(event.target.value.trim().toLowerCase()));
  addEventListener('hashchange', openTarget);
  openTarget();
}

function section(id, title, views) {
  return make('section', { id, 'aria-label': title }, make('h2', {}, title), ...views);
}

function filter(word) {
  let count = 0;
  for (const view of document.querySelectorAll('[data-words]')) {
    view.hidden = !view.dataset.words.includes(word);
    if (!view.hidden) count++;
  }
  status.textContent = `${count} operations.`;
}

/** A link to something folded opens it. */
function openTarget() {
  const target = page(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName !== 'DETAILS') return;
  target.open = true;
  target.scrollIntoView();
  target.querySelector('summary').focus();
}

async function read(token) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch('openapi.json', { headers });
  const isRefused = response.status === 401 || response.status === 403;
  page('access').hidden = !isRefused;
  if (isRefused) status.textContent = token ? 'That token is not accepted.' : 'The document asks for a token.';
  else if (!response.ok) status.textContent = `The document cannot be read: ${response.status}.`;
  else show(await response.json());
}

function tryToRead(token) {
  read(token).catch(error => (status.textContent = `The document cannot be read: ${error.message}`));
}

page('access').addEventListener('submit', event => {
  event.preventDefault();
  tryToRead(page('token').value.trim());
});
tryToRead();
