// Prints before people, without a mouse: marked, locked, compared and concluded by two examiners who know nothing of each
// other; and a duplicate that becomes one record by two officers.
import { Person, picture } from './harness.mjs';

export const title = 'suspected duplicate, two examiners by keyboard, and a duplicate to merge';

export async function walk({ browser, service, pictures }) {
  const second = await Person.come(browser, service);
  await second.signIn('second');
  await second.go('/persons');
  await picture(second, pictures, 'record-locate');
  await second.tick('input[name=by][value=document]');
  await second.type('#number', 'DEMO000001');
  await second.enter('#number');
  await second.sees('Why do you look?');
  await picture(second, pictures, 'record-why');
  await second.tick('input[name=purpose][value=revision]');
  await second.type('#reason', 'two cards with one face');
  await second.enter('#reason');
  await second.sees('This look is recorded', 'Encounters', 'DEMO000001');
  const record = new URL(second.page.url()).pathname;
  await picture(second, pictures, 'record');
  for (const form of ['correction', 'name', 'death', 'split']) {
    await second.go(`${record}/${form}`);
    await picture(second, pictures, `record-${form}`);
  }
  await second.go(`${record}/duplicate`);
  await picture(second, pictures, 'record-duplicate');
  await second.tick('input[name=by][value=document]');
  await second.type('#number', 'DEMO000002');
  await second.type('#reason', 'two cards with one face');
  await second.enter('#reason');
  await second.sees('are with the examiners');

  for (const [login, concluded] of [['examiner-a', false], ['examiner-b', true]]) {
    const examiner = await Person.come(browser, service);
    await examiner.signIn(login);
    await examiner.go('/examination');
    const before = await examiner.page.locator('table tbody tr').count();
    // Of several that wait, the last is the one that was sent just now.
    if (!concluded) await picture(examiner, pictures, 'examination-desk');
    await submit(examiner, 'table tbody tr:last-child a');
    await ready(examiner);
    await examiner.seesNot('DEMO000', 'two cards', 'Score of the search');
    await mark(examiner);
    if (!concluded) {
      // The window is closed by mistake: what was marked is there again.
      const marked = (await readout(examiner)).match(/marked (\d+)/)[1];
      await examiner.press('j');
      await examiner.page.waitForFunction(() => /marked 0/.test(document.querySelector('[data-readout]')?.textContent ?? ''));
      await examiner.go(new URL(examiner.page.url()).pathname);
      await ready(examiner);
      if (!(await readout(examiner)).includes(`marked ${marked}`)) throw new Error(`${marked} marks became ${await readout(examiner)}`);
    }
    if (!concluded) await picture(examiner, pictures, 'examination-marking', { stay: true });
    await submit(examiner, '#lock button.main');
    await examiner.sees('Your markings are locked');
    await ready(examiner);
    await compare(examiner, concluded ? null : pictures);
    await examiner.press('9');
    const chosen = await examiner.page.locator('input[name=conclusion]:checked').getAttribute('value');
    if (chosen !== 'exclusion') throw new Error(`9 chose ${chosen}`);
    await examiner.type('#notes', 'core patterns differ; no group of minutiae agrees');
    await submit(examiner, '#judge button.main');
    await examiner.sees('Your conclusion is recorded');
    if (concluded) {
      await examiner.sees('Score of the search', 'The prints are of two people.');
      await picture(examiner, pictures, 'examination-decided');
      await examiner.go('/examination/decided');
      await picture(examiner, pictures, 'examination-decided-list');
    } else {
      await examiner.seesNot('Score of the search');
      await examiner.go('/examination');
      const left = await examiner.page.locator('table tbody tr').count();
      if (left !== before - 1) throw new Error(`${left} wait of ${before} after one was judged`);
    }
    await examiner.leave();
  }

  await second.go('/reviews');
  await second.sees('The same prints under two records');
  await picture(second, pictures, 'reviews');
  await submit(second, 'a:has-text("The same prints under two records")');
  await second.sees('What the examiners found', 'Propose to join the records');
  await picture(second, pictures, 'review');
  await second.type('#reason', 'two examiners, one pair of hands');
  await second.enter('#reason');
  await second.sees('another officer decides');
  const revision = new URL(second.page.url()).pathname;
  await second.leave();

  const clerk = await Person.come(browser, service);
  await clerk.signIn('clerk');
  await clerk.go('/revisions');
  await picture(clerk, pictures, 'revisions');
  await clerk.go(revision);
  await clerk.sees('What moves', 'two examiners, one pair of hands');
  await picture(clerk, pictures, 'revision');
  await submit(clerk, 'button.main');
  await clerk.sees('Applied, exactly as it was proposed');
  await clerk.page.goBack();
  await clerk.page.reload();
  await clerk.sees('applied');
  await clerk.leave();
}

/** Enter on a button or a link, and the page that comes. */
async function submit(person, selector) {
  await person.page.locator(selector).first().focus();
  await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press('Enter')]);
  await person.settle();
}

/** The island has drawn the first finger. */
async function ready(examiner) {
  await examiner.page.waitForFunction(() => /\d/.test(document.querySelector('[data-readout]')?.textContent ?? ''));
}

async function readout(examiner) {
  return examiner.page.locator('[data-readout]').innerText();
}

/** Marks by keys alone: takes the proposals of one finger, removes one, adds one, moves it. */
async function mark(examiner) {
  const { page } = examiner;
  await page.locator('canvas[data-side=left]').focus();
  await examiner.press('m');
  await examiner.press('p');
  const count = async () => Number((await readout(examiner)).match(/marked (\d+)/)?.[1]);
  const taken = await count();
  if (!(taken > 5)) throw new Error(`P took ${taken} points`);
  await examiner.press('n');
  await examiner.press('x');
  if ((await count()) !== taken - 1) throw new Error('X removed nothing');
  for (let i = 0; i < 4; i += 1) await examiner.press('ArrowRight');
  await examiner.press('Shift+ArrowDown');
  await examiner.press('b');
  if ((await count()) !== taken) throw new Error('B added nothing');
  await examiner.press('g');
  await examiner.press('ArrowUp');
  await examiner.press('g');
  await examiner.press('q');
  await examiner.press('j');
  await examiner.page.waitForFunction(() => /proposed \d/.test(document.querySelector('[data-readout]')?.textContent ?? ''));
  await examiner.press('k');
  if ((await count()) !== taken) throw new Error('the marks of a finger are gone after another was looked at');
  if (!(await page.locator('input[name=how][value=own]').isChecked())) throw new Error('own marks are not chosen for locking');
}

/** Everything that the comparison can show, by keys; the two prints move together. */
async function compare(examiner, pictures) {
  const { page } = examiner;
  await page.locator('canvas[data-side=left]').focus();
  const drawing = (side) => page.locator(`canvas[data-side=${side}]`).evaluate((canvas) => canvas.toDataURL());
  const plain = [await drawing('left'), await drawing('right')];
  for (const key of ['+', 'ArrowRight', '2', '3', '1', '4']) {
    const before = [await drawing('left'), await drawing('right')];
    await examiner.press(key);
    const after = [await drawing('left'), await drawing('right')];
    if (before[0] === after[0] || before[1] === after[1]) throw new Error(`${key} does not reach both prints`);
  }
  if (pictures) await picture(examiner, pictures, 'examination-comparing', { stay: true });
  await examiner.press('o');
  await examiner.press('m');
  await examiner.press('4');
  await examiner.press('m');
  await examiner.press('o');
  await examiner.press('0');
  const upright = [await drawing('left'), await drawing('right')];
  if (upright[0] !== plain[0]) throw new Error('0 does not go back to the whole print');
  await examiner.press(' ');
  const swapped = [await drawing('left'), await drawing('right')];
  if (swapped[0] !== upright[1] || swapped[1] !== upright[0]) throw new Error('the space bar does not swap the prints');
  await examiner.press(' ');
  await examiner.press('j');
  await examiner.page.waitForFunction(() => /\d/.test(document.querySelector('[data-readout]')?.textContent ?? ''));
}
