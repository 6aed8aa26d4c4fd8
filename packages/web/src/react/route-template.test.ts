import { routeTemplate } from './route-template.js';

test.each([
  ['/', {}, '/'],
  ['/about', {}, '/about'],
  ['/users/7', { id: '7' }, '/users/:id'],
  ['/users/7/posts/7', { user: '7', post: '7' }, '/users/:user/posts/:post'],
  ['/users/ann%20b', { name: 'ann b' }, '/users/:name'],
  ['/users/%E0%A4%A', { id: '%E0%A4%A' }, '/users/:id'],
  ['/files/a/b%2Fc', { '*': 'a/b%2Fc' }, '/files/*'],
  ['/files/a/b', { '*': 'a/b' }, '/files/*'],
  ['/u/7/files/7', { id: '7', '*': '7' }, '/u/:id/files/*'],
  ['/users/ann%20b', { name: 'ann%20b' }, '/users/:name'],
  ['/docs/a/b%20c', { slug: ['a', 'b%20c'] }, '/docs/:slug*'],
  ['/docs/a/x/a/b', { id: 'a', slug: ['a', 'b'] }, '/docs/:id/x/:slug*'],
  ['/docs/a', { slug: ['a', 'b'] }, '/docs/a'],
  ['/docs', { slug: [] }, '/docs'],
  ['/u', { id: undefined }, '/u'],
  ['/u/9', { id: 'else' }, '/u/9'],
])('%s with %j is %s', (path, params, route) => {
  expect(routeTemplate(path, params)).toBe(route);
});
