// Somebody comes under another number with hands that are known: from the counter to two examiners and a merge. The
// examiners use the keyboard alone.
import { arrive, atWork, captureAll, compare } from './counter.mjs';
import { Person, picture, tabTo } from './harness.mjs';

export const title = 'duplicate to merge, examiners by keyboard only';

export async function walk({ browser, service, pictures, people, names }) {
  const operator = await atWork(browser, service);
  await arrive(operator, people[2]);
  await operator.press('Enter', '.spoken button.main');
  await captureAll(operator, names[0]);
  await compare(operator);
  await operator.sees('examiners');
  await picture(operator, pictures, 'counter-candidates');
  await operator.leave();

  const judge = async (login) => {
    const examiner = await Person.come(browser, service);
    await examiner.signIn(login);
    // The newest comparison is the last of the list.
    await examiner.page.locator('table[data-keys] a').last().focus();
    await examiner.press('Enter');
    await examiner.page.waitForFunction(() => document.querySelector('#compare:not([hidden])') && /proposed [1-9]/.test(document.querySelector('[data-readout]')?.textContent ?? ''));
    await examiner.seesNot(names[0], names[2], people[0], people[2], 'log10');
    await examiner.page.locator('canvas').first().focus();
    await examiner.press('p');
    await examiner.press('4');
    await examiner.page.waitForFunction(() => /[1-9]/.test(document.querySelector('[data-total]')?.textContent ?? ''), null, { timeout: 5000 }).catch(() => examiner.page.locator('canvas').first().focus().then(() => examiner.page.keyboard.press('p')));
    await tabTo(examiner, '#lock input[type=radio]');
    await examiner.press('Space');
    await tabTo(examiner, '#lock button.main');
    await examiner.press('Enter');
    await examiner.page.locator('canvas[data-side="right"]').waitFor();
    // Not every finger of two impressions can be laid upon the other: the examiner goes on to one that can.
    for (let finger = 0; ; finger += 1) {
      const told = await examiner.page.waitForFunction(() => {
        const text = document.querySelector('[data-readout]')?.textContent ?? '';
        return /\d/.test(text) && text;
      }, null, { timeout: 20000 });
      if (/\d+ pair/.test(await told.jsonValue())) break;
      if (finger === 9) throw new Error('no finger of the comparison can be laid upon the other');
      await examiner.press('j');
    }
    await examiner.seesNot('log10', names[0], names[2]);
    await examiner.page.locator('canvas').first().focus();
    await examiner.press('4');
    for (const key of ['+', '+', 'ArrowLeft', 'ArrowUp', '0', '2', '3', '1', 'Space', 'Space', 'o', 'o']) await examiner.press(key);
    await examiner.press('5');
    await tabTo(examiner, '#judge button.main');
    await examiner.press('Enter');
    // A browser that is closed while its page is on the way never ends.
    await examiner.page.waitForURL(/done=judged/);
    await examiner.leave();
  };
  await judge('examiner-a');
  await judge('examiner-b');

  const second = await Person.come(browser, service);
  await second.signIn('second');
  await second.go('/reviews');
  await second.page.locator('table[data-keys] a', { hasText: 'The same prints under two records' }).last().focus();
  await second.press('Enter');
  await second.type('#reason', 'two examiners found the prints to be of one person');
  await second.enter('#reason');
  await second.sees('another');
  const revision = new URL(second.page.url()).pathname;
  await second.leave();

  const clerk = await Person.come(browser, service);
  await clerk.signIn('clerk');
  await clerk.go(revision);
  await clerk.press('Enter', 'form[action$="/apply"] button');
  await clerk.sees('Applied');
  await clerk.go('/revisions');
  await clerk.leave();
}
