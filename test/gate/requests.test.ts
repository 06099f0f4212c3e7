import { expect, it } from 'vitest';
import { deedOfAddress, effectOfRequest } from '../../src/gate/effects/requests.ts';
import { SHOP } from './given.ts';

const sent = (method: string, path: string, body?: string) =>
  effectOfRequest({ method, url: `${SHOP}${path}`, ...(body !== undefined && { body }) });
const classOf = (method: string, path: string, body?: string) => sent(method, path, body).class;

it.each(['GET', 'HEAD', 'OPTIONS', 'get'])('%s reads, wherever it goes to', (method) =>
  expect(classOf(method, '/orders')).toBe('read'),
);

it.each(['POST', 'PUT', 'PATCH', 'post', 'PURGE'])('%s writes', (method) =>
  expect(classOf(method, '/cart')).toBe('write'),
);

it('DELETE deletes', () => {
  expect(sent('DELETE', '/api/notes/3?secret=1')).toEqual({
    class: 'irreversible',
    why: `DELETE ${SHOP}/api/notes/3 deletes`,
  });
});

it.each([
  ...[
    '/logout',
    '/account/delete',
    '/notes/3/delete',
    '/delete.php',
    '/do?action=remove',
    '/do?delete=1',
    '/do?logout',
    '/deleteAccount',
  ],
  ...['/konto/l%C3%B6schen', '/transfer', '/users/3/revoke', '/purchase'],
])('an address that names a deed does it, by whatever method: %s', (path) => {
  expect([classOf('GET', path), classOf('POST', path)]).toEqual(['irreversible', 'irreversible']);
  expect(sent('GET', path).why).toContain('says');
});

it.each([
  ...[
    '/how-to-delete-your-account',
    '/wiki/why-we-pay-so-much',
    '/static/delete.svg',
    '/js/logout.chunk.js',
    '/search?q=delete',
    '/order/5',
  ],
  ...['/deleted', '/post/5', '/share', '/cart?delete=0', '/%E0%A4%A', '/'],
])('an address that only speaks of a deed does not: %s', (path) => expect(classOf('GET', path)).toBe('read'));

it('what is no address does nothing', () => {
  expect(deedOfAddress('delete')).toBeUndefined();
  expect(effectOfRequest({ method: 'POST', url: 'delete' }).class).toBe('write');
});

it.each(['/orders', '/api/v2/payments', '/order/17', '/messages', '/Posts', '/checkout'])(
  'what is posted to %s cannot be unmade',
  (path) => {
    expect(classOf('POST', path)).toBe('irreversible');
    expect(sent('POST', path).why).toContain('makes one of');
    expect(classOf('PATCH', path)).toBe('write');
  },
);

it.each(['/search', '/orders/search', '/g/collect', '/api/Suggest', '/telemetry'])(
  'what is posted to %s reads, or tells how a page is used',
  (path) => {
    expect(classOf('POST', path)).toBe('read');
    expect(classOf('PUT', path)).toBe('write');
  },
);

it.each(['/research', '/search/save', '/blog'])('what is posted to %s writes', (path) =>
  expect(classOf('POST', path)).toBe('write'),
);

it('a body says what is to be done where it has a field for it', () => {
  expect(classOf('POST', '/api', '{"action":"deleteUser","id":3}')).toBe('irreversible');
  expect(classOf('POST', '/api', 'op=logout&id=3')).toBe('irreversible');
  expect(classOf('POST', '/api', '[{"cmd":"list"},{"cmd":"delete"}]')).toBe('irreversible');
  expect(classOf('POST', '/api', '{"note":"delete","action":"save"}')).toBe('write');
  expect(classOf('POST', '/api', 'no fields: delete')).toBe('write');
  expect(classOf('POST', '/api', '')).toBe('write');
  expect(classOf('POST', '/api', 'null')).toBe('write');
  expect(classOf('GET', '/api', 'action=delete')).toBe('read');
});

it('a question in GraphQL reads, a change writes, and one that names a deed does it', () => {
  const graph = (...queries: string[]) =>
    classOf('POST', '/graphql', JSON.stringify(queries.map((query) => ({ query }))));
  expect(graph('query Notes { notes { id } }')).toBe('read');
  expect(graph('{ notes { id } }')).toBe('read');
  expect(graph('# all of them\nfragment A on B { c } query D { e }')).toBe('read');
  expect(graph('mutation Save { save }')).toBe('write');
  expect(graph('query A { a }', 'mutation Save { save }')).toBe('write');
  expect(graph('fragment A on B { c } mutation Save { d }')).toBe('write');
  expect(graph('mutation DeleteNote { go }')).toBe('irreversible');
  expect(classOf('POST', '/graphql', '{"operationName":"DeleteNote"}')).toBe('irreversible');
  expect(classOf('POST', '/graphql', '{"operationName":"Notes"}')).toBe('write');
  expect(classOf('PUT', '/graphql', '{"query":"{ a }"}')).toBe('write');
});
