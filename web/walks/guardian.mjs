// A teenager with a parent: identified, confirmed by their own code, agreed on a signed sheet; then, and not before, the scanner.
import { Person, picture, start } from './harness.mjs';

export const title = 'a guardian confirms with a code of their own';

export async function walk({ browser, program, pictures }) {
  const service = await start(program, ['train', '--dir', '{dir}', '--listen', '127.0.0.1:0']);
  try {
    const operator = await Person.come(browser, service);
    await operator.signIn('operator', 'csc-astana-1');
    await operator.go('/training/teenager');
    await operator.page.locator('main button.main').click();
    await operator.settle();
    const numbers = await operator.page.locator('dl.facts code, dl code').allInnerTexts();
    const child = await operator.page.locator('.number-to-use').innerText();
    const [parent, document] = numbers.filter((number) => number !== child);
    await operator.page.locator('a[href="/counter"].button').click();
    await operator.settle();
    await operator.press('Enter');
    await operator.type('#iin', child);
    await operator.enter('#iin');
    await operator.tick('input[name="trigger"][value="passport"]');
    await operator.page.locator('main form[action="/counter/encounters"] button').first().click();
    await operator.settle();
    await operator.sees('The person may be registered', 'A parent or guardian');
    const visit = new URL(operator.page.url()).pathname.replace(/\/law$/, '');
    await operator.type('#iin', parent);
    await operator.type('#document', document);
    await operator.enter('#document');
    await operator.sees("Code for the guardian's slip");
    const code = (await operator.text()).match(/slip: (\d{6})/)[1];
    await picture(operator, pictures, 'counter-guardian');
    await operator.type('#code', code);
    await operator.enter('#code');
    await operator.sees('The guardian is here');
    await operator.page.locator('a[href*="/sheet"]').first().click();
    await operator.settle();
    await operator.sees('Consent to the registration of fingerprints', 'SHA-256');
    const sheet = await operator.page.locator('.receipt .code.big').innerText();
    await picture(operator, pictures, 'counter-sheet');
    await operator.go(`${visit}/law`);
    await operator.type('#given_by', parent);
    await operator.type('#reference-guardian', sheet);
    await operator.enter('#reference-guardian');
    await operator.sees('The guardian agreed', sheet);
    await operator.page.locator('main form[action$="/explanation"] button').click();
    await operator.settle();
    await operator.sees('0 of 10 fingers done');
    await operator.click('button[name="finger"][value="all"]');
    await operator.page.waitForSelector('form[action$="/check"] button.main', { timeout: 60000 });
    await operator.click('form[action$="/check"] button.main');
    await operator.page.waitForSelector('text=Nobody registered has these prints', { timeout: 60000 });
    await operator.settle();
    await operator.go(`${visit}/receipt`);
    await operator.page.locator('main form button.main').click();
    await operator.settle();
    await operator.sees('What you were told and agreed to', sheet);
    await picture(operator, pictures, 'counter-receipt-consents');
    await operator.go(`${visit}/exemption`);
    await operator.leave();
  } finally {
    await service.stop();
  }
}
