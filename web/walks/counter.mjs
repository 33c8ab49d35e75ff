// Steps at the counter that several walks take.
import { Person } from './harness.mjs';

export const STATION = 'csc-astana-1';

/** An operator at work, with an open shift. */
export async function atWork(browser, service, options) {
  const operator = await Person.come(browser, service, options);
  await operator.signIn('operator', STATION);
  if (await operator.page.locator('form[action="/counter/shift"]').count()) {
    await operator.press('Enter', 'form[action="/counter/shift"] button');
  }
  return operator;
}

/** Somebody arrives: number, Enter, Enter. Ends on the page of the law. */
export async function arrive(operator, iin) {
  await operator.go('/counter');
  await operator.type('#iin', iin);
  await operator.enter('#iin');
  await operator.press('Enter', 'ol.people .main');
  await operator.sees('Say it aloud');
}

/** The scanner takes finger after finger, as the page puts them forward; a poor print is taken again, then accepted. */
export async function captureAll(operator, hands = null) {
  for (let i = 0; i < 45; i += 1) {
    const page = operator.page;
    await page.locator('[data-station]').waitFor();
    const main = page.locator('[data-station] button.main').first();
    const action = await main.evaluate((button) => button.closest('form').getAttribute('action'));
    if (action.endsWith('/check')) return;
    if (hands && action.endsWith('/device')) await page.locator('#hands').selectOption({ label: hands });
    // The station that is there now is marked; what the key does puts another in its place. (A picture that is drawn into it
    // late changes it too, but leaves the mark.)
    await page.locator('[data-station]').evaluate((s) => { s.dataset.walked = ''; });
    const changed = () => page.waitForFunction(() => {
      const s = document.querySelector('[data-station]');
      return s && !('walked' in s.dataset) && !s.hasAttribute('aria-busy');
    }, null, { timeout: 8000 });
    operator.spend('think', 'key');
    await main.press('Enter');
    // A key that came while the page was busy is pressed again, as anyone would.
    await changed().catch(async () => {
      operator.spend('key');
      await main.press('Enter');
      await changed().catch(async () => {
        throw new Error(`${action} changes nothing: ${(await operator.text()).slice(0, 1500)}`);
      });
    });
    await operator.check();
  }
  throw new Error('the capture does not come to its end');
}

/** Compares with everyone, and waits for the end. */
export async function compare(operator) {
  await operator.press('Enter', '[data-station] form[action$="/check"] button, form[action$="/check"] button.main');
  await operator.page.locator('#progress').waitFor({ state: 'detached', timeout: 60000 });
  await operator.settle();
}
