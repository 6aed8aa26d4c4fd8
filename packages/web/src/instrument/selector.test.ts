import { selectorOf } from './selector.js';

test('a selector goes up to the nearest id, at most four steps, by the first class', () => {
  document.body.innerHTML = `
    <main id="shop"><ul class="list big"><li><b>one</b></li></ul></main>
    <div><div><div><div><p class="far">deep</p></div></div></div></div>
    <form id="pay"><button>pay</button></form>`;
  const selectors = ['b', '.far', 'button'].map((one) => {
    const element = document.querySelector(one);
    return element && selectorOf(element);
  });
  expect(selectors).toEqual(['main#shop > ul.list > li > b', 'div > div > div > p.far', 'form#pay > button']);
});
