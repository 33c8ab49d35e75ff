// From signing in to the receipt, with the keyboard alone and a stopwatch.
import { arrive, atWork, captureAll, compare } from './counter.mjs';
import { Person, focus, picture, tabTo } from './harness.mjs';

export const title = 'sign-in to receipt, keyboard only';

/** The figure: own actions of an operator for one registration, without explaining and waiting. */
const MOST_SECONDS = 90;

export async function walk({ browser, service, pictures, people }) {
  const operator = await Person.come(browser, service);
  await operator.signIn('operator', 'csc-astana-1');
  await picture(operator, pictures, 'counter-shift');
  await operator.press('Enter', 'form[action="/counter/shift"] button');
  await operator.sees('Who has come?');
  await picture(operator, pictures, 'counter-desk');

  operator.begin();
  await operator.type('#iin', people[0]);
  await operator.enter('#iin');
  const found = operator.page.url();
  const main = await focus(operator);
  if (!main.startsWith('button')) throw new Error(`the main action is not in focus: ${main}`);
  await operator.press('Enter');
  await operator.sees('Say it aloud');
  const visit = operator.page.url().replace(/\/law.*/, '');
  // The explanation is spoken, and not timed; saying that it was said is one key.
  await operator.press('Enter');
  await operator.page.locator('[data-station]').waitFor();
  await captureAll(operator);
  await compare(operator);
  await operator.sees('Nobody registered has these prints');
  await operator.press('Enter');
  await operator.type('#number', 'N20260001');
  await operator.enter('#number');
  await operator.sees('N20260001');
  await operator.press('Enter');
  await operator.press('Enter');
  await operator.sees('Best fingers');
  const clock = operator.end();
  if (clock.seconds > MOST_SECONDS) throw new Error(`${clock.seconds.toFixed(1)} s of own actions, more than ${MOST_SECONDS}`);

  const code = operator.page.url().split('/').pop();
  await picture(operator, pictures, 'receipt');
  if (pictures) await operator.page.pdf({ path: `${pictures}/receipt.pdf`, format: 'A4' });
  await operator.go(`${new URL(visit).pathname}/capture`);
  await operator.go(visit);
  await picture(operator, pictures, 'counter-document');
  await operator.go(`${new URL(visit).pathname}/check`);
  await picture(operator, pictures, 'counter-check');

  // Anyone who holds the receipt can check it, and learns nothing about the person.
  const anyone = await Person.come(browser, service, { width: 360, height: 740 });
  await anyone.go(`/receipt/${code}`);
  await anyone.sees('genuine');
  await picture(anyone, pictures, 'receipt-check');
  await anyone.go('/receipt');
  await anyone.type('#code', '0123456789abcdef0123456789abcdef');
  await anyone.enter('#code');
  await anyone.sees('No receipt has this code');
  await anyone.leave();

  // The same pages for the pictures, with the next person: found, law, half a capture, and nothing lost by leaving.
  await arrive(operator, people[1]);
  const second = operator.page.url().replace(/\/law.*/, '');
  await picture(operator, pictures, 'counter-law');
  await operator.press('Enter', '.spoken button.main');
  await operator.page.locator('[data-station]').waitFor();
  for (const finger of ['right_index', 'right_middle', 'right_ring']) {
    await operator.page.locator(`[data-station][data-finger="${finger}"]`).waitFor();
    await operator.press('Enter', '[data-station] .device button.main, [data-station] button.main');
  }
  await operator.page.waitForTimeout(500);
  const inHand = async (page) => {
    await page.locator('[data-station]').waitFor();
    await page.locator('[data-pick="right_middle"]').press('Enter');
    await page.locator('#print svg .minutia').first().waitFor();
  };
  await picture(operator, pictures, 'counter-capture', { prepare: inHand });
  await tabTo(operator, '[data-pick="left_little"]');
  await operator.press('Enter');
  await operator.page.locator('[data-station][data-finger="left_little"]').waitFor();
  await operator.press('m');
  await operator.page.locator('[data-pick="left_little"].stated').waitFor();
  await operator.go('/counter');
  await operator.sees('/ 10');
  await picture(operator, pictures, 'counter-desk-drafts');
  await operator.go(second);
  await operator.page.goBack();
  await operator.page.goForward();
  await operator.settle();
  await operator.go(found);
  await picture(operator, pictures, 'counter-found');
  await operator.leave();
  return `${clock.actions} actions, ${clock.seconds.toFixed(1)} s of own doing`;
}
